// Written by scripts/gen.mjs from docs/api; not to be edited.
import { mutation, query } from '../operation'
import type * as T from './types.gen'

/** All groups, by name */
export const getAdminGroups = /*#__PURE__*/ query<T.GetAdminGroupsData, T.GetAdminGroupsResponse>('GET', '/api/v1/admin/groups')
/** Remove a group that has no runs */
export const deleteAdminGroupsGroup = /*#__PURE__*/ mutation<T.DeleteAdminGroupsGroupData, void>('DELETE', '/api/v1/admin/groups/{group}')
/** Rename a group, or disable it; or take that back */
export const patchAdminGroupsGroup = /*#__PURE__*/ mutation<T.PatchAdminGroupsGroupData, void>('PATCH', '/api/v1/admin/groups/{group}')
/** What admins did, latest first */
export const getAdminLog = /*#__PURE__*/ query<T.GetAdminLogData, T.GetAdminLogResponse>('GET', '/api/v1/admin/log')
/** All products, also disabled ones, by name */
export const getAdminProducts = /*#__PURE__*/ query<T.GetAdminProductsData, T.GetAdminProductsResponse>('GET', '/api/v1/admin/products')
/** Remove a product no run ever named */
export const deleteAdminProductsProduct = /*#__PURE__*/ mutation<T.DeleteAdminProductsProductData, void>('DELETE', '/api/v1/admin/products/{product}')
/** Say that a product was looked at, or disable it; or take that back */
export const patchAdminProductsProduct = /*#__PURE__*/ mutation<T.PatchAdminProductsProductData, void>('PATCH', '/api/v1/admin/products/{product}')
/** Make one of two products that are the same; live runs that name the one that goes keep their lines */
export const postAdminProductsProductMerge = /*#__PURE__*/ mutation<T.PostAdminProductsProductMergeData, void>('POST', '/api/v1/admin/products/{product}/merge')
/** Whether people may make accounts */
export const getAdminRegistration = /*#__PURE__*/ query<T.GetAdminRegistrationData, T.GetAdminRegistrationResponse>('GET', '/api/v1/admin/registration')
/** Open or close registration */
export const putAdminRegistration = /*#__PURE__*/ mutation<T.PutAdminRegistrationData, T.PutAdminRegistrationResponse>('PUT', '/api/v1/admin/registration')
/** How the server is doing now */
export const getAdminStatus = /*#__PURE__*/ query<T.GetAdminStatusData, T.GetAdminStatusResponse>('GET', '/api/v1/admin/status')
/** All stores, also disabled ones, by name */
export const getAdminStores = /*#__PURE__*/ query<T.GetAdminStoresData, T.GetAdminStoresResponse>('GET', '/api/v1/admin/stores')
/** Remove a store no run ever went to */
export const deleteAdminStoresStore = /*#__PURE__*/ mutation<T.DeleteAdminStoresStoreData, void>('DELETE', '/api/v1/admin/stores/{store}')
/** Say that a store was looked at, or disable it; or take that back */
export const patchAdminStoresStore = /*#__PURE__*/ mutation<T.PatchAdminStoresStoreData, void>('PATCH', '/api/v1/admin/stores/{store}')
/** Make one of two stores that are the same; refused while live runs go to the one that goes */
export const postAdminStoresStoreMerge = /*#__PURE__*/ mutation<T.PostAdminStoresStoreMergeData, void>('POST', '/api/v1/admin/stores/{store}/merge')
/** Everybody, by username */
export const getAdminUsers = /*#__PURE__*/ query<T.GetAdminUsersData, T.GetAdminUsersResponse>('GET', '/api/v1/admin/users')
/** Erase somebody: who it was goes, the books stay */
export const deleteAdminUsersUser = /*#__PURE__*/ mutation<T.DeleteAdminUsersUserData, void>('DELETE', '/api/v1/admin/users/{user}')
/** Rename somebody, disable them, make them admin of the server; or take that back */
export const patchAdminUsersUser = /*#__PURE__*/ mutation<T.PatchAdminUsersUserData, T.PatchAdminUsersUserResponse>('PATCH', '/api/v1/admin/users/{user}')
/** The document of the live connection */
export const getAsyncapiJson = /*#__PURE__*/ query<T.GetAsyncapiJsonData, T.GetAsyncapiJsonResponse>('GET', '/api/v1/asyncapi.json')
/** Log in with tokens */
export const postAuthLogin = /*#__PURE__*/ mutation<T.PostAuthLoginData, T.PostAuthLoginResponse>('POST', '/api/v1/auth/login')
/** End this login */
export const postAuthLogout = /*#__PURE__*/ mutation<T.PostAuthLogoutData, void>('POST', '/api/v1/auth/logout')
/** End all my logins, this one too */
export const postAuthLogoutAll = /*#__PURE__*/ mutation<T.PostAuthLogoutAllData, void>('POST', '/api/v1/auth/logout-all')
/** Erase me: who I am and what I said goes, the books stay; runs I lead are cancelled */
export const deleteAuthMe = /*#__PURE__*/ mutation<T.DeleteAuthMeData, void>('DELETE', '/api/v1/auth/me')
/** Who I am */
export const getAuthMe = /*#__PURE__*/ query<T.GetAuthMeData, T.GetAuthMeResponse>('GET', '/api/v1/auth/me')
/** Change my name and username (with the password), language and theme */
export const patchAuthMe = /*#__PURE__*/ mutation<T.PatchAuthMeData, T.PatchAuthMeResponse>('PATCH', '/api/v1/auth/me')
/** Everything that is kept about me, as JSON or with the receipts I added as a ZIP */
export const getAuthMeExport = /*#__PURE__*/ query<T.GetAuthMeExportData, T.GetAuthMeExportResponse>('GET', '/api/v1/auth/me/export')
/** How much I took part */
export const getAuthMeStats = /*#__PURE__*/ query<T.GetAuthMeStatsData, T.GetAuthMeStatsResponse>('GET', '/api/v1/auth/me/stats')
/** Change my password; all other logins end */
export const postAuthPassword = /*#__PURE__*/ mutation<T.PostAuthPasswordData, void>('POST', '/api/v1/auth/password')
/** Trade a refresh token, which is good once, for new tokens */
export const postAuthRefresh = /*#__PURE__*/ mutation<T.PostAuthRefreshData, T.PostAuthRefreshResponse>('POST', '/api/v1/auth/refresh')
/** Make an account */
export const postAuthRegister = /*#__PURE__*/ mutation<T.PostAuthRegisterData, T.PostAuthRegisterResponse>('POST', '/api/v1/auth/register')
/** Log in with a cookie, for pages */
export const postAuthSession = /*#__PURE__*/ mutation<T.PostAuthSessionData, T.PostAuthSessionResponse>('POST', '/api/v1/auth/session')
/** Where I am logged in, latest first */
export const getAuthSessions = /*#__PURE__*/ query<T.GetAuthSessionsData, T.GetAuthSessionsResponse>('GET', '/api/v1/auth/sessions')
/** End one of my logins */
export const deleteAuthSessionsSession = /*#__PURE__*/ mutation<T.DeleteAuthSessionsSessionData, void>('DELETE', '/api/v1/auth/sessions/{session}')
/** A one-time ticket for the live connection */
export const postAuthWsTicket = /*#__PURE__*/ mutation<T.PostAuthWsTicketData, T.PostAuthWsTicketResponse>('POST', '/api/v1/auth/ws-ticket')
/** The groups I am in */
export const getGroups = /*#__PURE__*/ query<T.GetGroupsData, T.GetGroupsResponse>('GET', '/api/v1/groups')
/** Make a group; whoever does is its first admin */
export const postGroups = /*#__PURE__*/ mutation<T.PostGroupsData, T.PostGroupsResponse>('POST', '/api/v1/groups')
/** A group I am in */
export const getGroupsGroup = /*#__PURE__*/ query<T.GetGroupsGroupData, T.GetGroupsGroupResponse>('GET', '/api/v1/groups/{group}')
/** Change a group's name, its shortage policy, its default costs, or whether one can join */
export const patchGroupsGroup = /*#__PURE__*/ mutation<T.PatchGroupsGroupData, T.PatchGroupsGroupResponse>('PATCH', '/api/v1/groups/{group}')
/** Who owes whom over all settled runs and payments */
export const getGroupsGroupBalances = /*#__PURE__*/ query<T.GetGroupsGroupBalancesData, T.GetGroupsGroupBalancesResponse>('GET', '/api/v1/groups/{group}/balances')
/** The invitations that were not withdrawn */
export const getGroupsGroupInvites = /*#__PURE__*/ query<T.GetGroupsGroupInvitesData, T.GetGroupsGroupInvitesResponse>('GET', '/api/v1/groups/{group}/invites')
/** Invite people; the token is shown this once */
export const postGroupsGroupInvites = /*#__PURE__*/ mutation<T.PostGroupsGroupInvitesData, T.PostGroupsGroupInvitesResponse>('POST', '/api/v1/groups/{group}/invites')
/** Withdraw an invitation */
export const deleteGroupsGroupInvitesInvite = /*#__PURE__*/ mutation<T.DeleteGroupsGroupInvitesInviteData, void>('DELETE', '/api/v1/groups/{group}/invites/{invite}')
/** What the balances come from, latest first */
export const getGroupsGroupLedger = /*#__PURE__*/ query<T.GetGroupsGroupLedgerData, T.GetGroupsGroupLedgerResponse>('GET', '/api/v1/groups/{group}/ledger')
/** Who is in the group */
export const getGroupsGroupMembers = /*#__PURE__*/ query<T.GetGroupsGroupMembersData, T.GetGroupsGroupMembersResponse>('GET', '/api/v1/groups/{group}/members')
/** Leave a group (my own id), or remove somebody */
export const deleteGroupsGroupMembersUser = /*#__PURE__*/ mutation<T.DeleteGroupsGroupMembersUserData, void>('DELETE', '/api/v1/groups/{group}/members/{user}')
/** Make somebody admin, or member */
export const patchGroupsGroupMembersUser = /*#__PURE__*/ mutation<T.PatchGroupsGroupMembersUserData, void>('PATCH', '/api/v1/groups/{group}/members/{user}')
/** Record a payment one of us made to the other */
export const postGroupsGroupPayments = /*#__PURE__*/ mutation<T.PostGroupsGroupPaymentsData, T.PostGroupsGroupPaymentsResponse>('POST', '/api/v1/groups/{group}/payments')
/** The runs of a group, latest first */
export const getGroupsGroupRuns = /*#__PURE__*/ query<T.GetGroupsGroupRunsData, T.GetGroupsGroupRunsResponse>('GET', '/api/v1/groups/{group}/runs')
/** Create a run; whoever does leads it */
export const postGroupsGroupRuns = /*#__PURE__*/ mutation<T.PostGroupsGroupRunsData, T.PostGroupsGroupRunsResponse>('POST', '/api/v1/groups/{group}/runs')
/** Which role may do what in which state of a run */
export const getGuards = /*#__PURE__*/ query<T.GetGuardsData, T.GetGuardsResponse>('GET', '/api/v1/guards')
/** What the invitation is to */
export const getInvitesToken = /*#__PURE__*/ query<T.GetInvitesTokenData, T.GetInvitesTokenResponse>('GET', '/api/v1/invites/{token}')
/** Join the group */
export const postInvitesTokenAccept = /*#__PURE__*/ mutation<T.PostInvitesTokenAcceptData, T.PostInvitesTokenAcceptResponse>('POST', '/api/v1/invites/{token}/accept')
/** The invitation's link as a QR code */
export const getInvitesTokenQr = /*#__PURE__*/ query<T.GetInvitesTokenQrData, T.GetInvitesTokenQrResponse>('GET', '/api/v1/invites/{token}/qr')
/** What I was told, latest first */
export const getNotifications = /*#__PURE__*/ query<T.GetNotificationsData, T.GetNotificationsResponse>('GET', '/api/v1/notifications')
/** How much of it I have not read */
export const getNotificationsCount = /*#__PURE__*/ query<T.GetNotificationsCountData, T.GetNotificationsCountResponse>('GET', '/api/v1/notifications/count')
/** I have read everything */
export const putNotificationsRead = /*#__PURE__*/ mutation<T.PutNotificationsReadData, void>('PUT', '/api/v1/notifications/read')
/** I have read this */
export const putNotificationsNotificationRead = /*#__PURE__*/ mutation<T.PutNotificationsNotificationReadData, void>('PUT', '/api/v1/notifications/{notification}/read')
/** This document */
export const getOpenapiJson = /*#__PURE__*/ query<T.GetOpenapiJsonData, T.GetOpenapiJsonResponse>('GET', '/api/v1/openapi.json')
/** All products, by name */
export const getProducts = /*#__PURE__*/ query<T.GetProductsData, T.GetProductsResponse>('GET', '/api/v1/products')
/** Add a product */
export const postProducts = /*#__PURE__*/ mutation<T.PostProductsData, T.PostProductsResponse>('POST', '/api/v1/products')
/** Products whose name is much like this one, most alike first */
export const getProductsSimilar = /*#__PURE__*/ query<T.GetProductsSimilarData, T.GetProductsSimilarResponse>('GET', '/api/v1/products/similar')
/** A product */
export const getProductsProduct = /*#__PURE__*/ query<T.GetProductsProductData, T.GetProductsProductResponse>('GET', '/api/v1/products/{product}')
/** Correct a product */
export const patchProductsProduct = /*#__PURE__*/ mutation<T.PatchProductsProductData, T.PatchProductsProductResponse>('PATCH', '/api/v1/products/{product}')
/** The members of a family, by name */
export const getProductsProductMembers = /*#__PURE__*/ query<T.GetProductsProductMembersData, T.GetProductsProductMembersResponse>('GET', '/api/v1/products/{product}/members')
/** What a product cost, latest first */
export const getProductsProductPrices = /*#__PURE__*/ query<T.GetProductsProductPricesData, T.GetProductsProductPricesResponse>('GET', '/api/v1/products/{product}/prices')
/** A run as I see it, with what I may do now */
export const getRunsRun = /*#__PURE__*/ query<T.GetRunsRunData, T.GetRunsRunResponse>('GET', '/api/v1/runs/{run}')
/** Say or correct what the run is about */
export const patchRunsRun = /*#__PURE__*/ mutation<T.PatchRunsRunData, T.PatchRunsRunResponse>('PATCH', '/api/v1/runs/{run}')
/** What does not balance, and what each policy would give */
export const getRunsRunAdjustments = /*#__PURE__*/ query<T.GetRunsRunAdjustmentsData, T.GetRunsRunAdjustmentsResponse>('GET', '/api/v1/runs/{run}/adjustments')
/** Correct by weighing what somebody got */
export const putRunsRunAllocationsUserIdProductId = /*#__PURE__*/ mutation<T.PutRunsRunAllocationsUserIdProductIdData, T.PutRunsRunAllocationsUserIdProductIdResponse>('PUT', '/api/v1/runs/{run}/allocations/{user_id}/{product_id}')
/** Take a bid back */
export const deleteRunsRunBidsProductId = /*#__PURE__*/ mutation<T.DeleteRunsRunBidsProductIdData, T.DeleteRunsRunBidsProductIdResponse>('DELETE', '/api/v1/runs/{run}/bids/{product_id}')
/** What I want of a product; 0 takes it back */
export const putRunsRunBidsProductId = /*#__PURE__*/ mutation<T.PutRunsRunBidsProductIdData, T.PutRunsRunBidsProductIdResponse>('PUT', '/api/v1/runs/{run}/bids/{product_id}')
/** Cancel the run */
export const postRunsRunCancel = /*#__PURE__*/ mutation<T.PostRunsRunCancelData, T.PostRunsRunCancelResponse>('POST', '/api/v1/runs/{run}/cancel')
/** What cancelling now would mean */
export const getRunsRunCancellation = /*#__PURE__*/ query<T.GetRunsRunCancellationData, T.GetRunsRunCancellationResponse>('GET', '/api/v1/runs/{run}/cancellation')
/** Everything was handed out */
export const postRunsRunComplete = /*#__PURE__*/ mutation<T.PostRunsRunCompleteData, T.PostRunsRunCompleteResponse>('POST', '/api/v1/runs/{run}/complete')
/** Close bidding */
export const postRunsRunConfirm = /*#__PURE__*/ mutation<T.PostRunsRunConfirmData, T.PostRunsRunConfirmResponse>('POST', '/api/v1/runs/{run}/confirm')
/** Add a cost that is shared */
export const postRunsRunCosts = /*#__PURE__*/ mutation<T.PostRunsRunCostsData, T.PostRunsRunCostsResponse>('POST', '/api/v1/runs/{run}/costs')
/** Take a cost out again */
export const deleteRunsRunCostsCost = /*#__PURE__*/ mutation<T.DeleteRunsRunCostsCostData, T.DeleteRunsRunCostsCostResponse>('DELETE', '/api/v1/runs/{run}/costs/{cost}')
/** Who gets what, and who took it */
export const getRunsRunDistribution = /*#__PURE__*/ query<T.GetRunsRunDistributionData, T.GetRunsRunDistributionResponse>('GET', '/api/v1/runs/{run}/distribution')
/** The log of a run, from a seq on */
export const getRunsRunEvents = /*#__PURE__*/ query<T.GetRunsRunEventsData, T.GetRunsRunEventsResponse>('GET', '/api/v1/runs/{run}/events')
/** The run as a file, from confirmed on */
export const getRunsRunExport = /*#__PURE__*/ query<T.GetRunsRunExportData, T.GetRunsRunExportResponse>('GET', '/api/v1/runs/{run}/export')
/** The members of each family in the run, by name: what the shopper may pick */
export const getRunsRunFamilies = /*#__PURE__*/ query<T.GetRunsRunFamiliesData, T.GetRunsRunFamiliesResponse>('GET', '/api/v1/runs/{run}/families')
/** Close adjusting */
export const postRunsRunFinishAdjusting = /*#__PURE__*/ mutation<T.PostRunsRunFinishAdjustingData, T.PostRunsRunFinishAdjustingResponse>('POST', '/api/v1/runs/{run}/finish-adjusting')
/** Everything that could be bought is */
export const postRunsRunFinishShopping = /*#__PURE__*/ mutation<T.PostRunsRunFinishShoppingData, T.PostRunsRunFinishShoppingResponse>('POST', '/api/v1/runs/{run}/finish-shopping')
/** Offer somebody the lead */
export const postRunsRunHandover = /*#__PURE__*/ mutation<T.PostRunsRunHandoverData, T.PostRunsRunHandoverResponse>('POST', '/api/v1/runs/{run}/handover')
/** Take the lead */
export const postRunsRunHandoverAccept = /*#__PURE__*/ mutation<T.PostRunsRunHandoverAcceptData, T.PostRunsRunHandoverAcceptResponse>('POST', '/api/v1/runs/{run}/handover/accept')
/** Decline the lead */
export const postRunsRunHandoverDecline = /*#__PURE__*/ mutation<T.PostRunsRunHandoverDeclineData, T.PostRunsRunHandoverDeclineResponse>('POST', '/api/v1/runs/{run}/handover/decline')
/** Withdraw the offer */
export const postRunsRunHandoverWithdraw = /*#__PURE__*/ mutation<T.PostRunsRunHandoverWithdrawData, T.PostRunsRunHandoverWithdrawResponse>('POST', '/api/v1/runs/{run}/handover/withdraw')
/** Dismiss a helper */
export const deleteRunsRunHelpersUserId = /*#__PURE__*/ mutation<T.DeleteRunsRunHelpersUserIdData, T.DeleteRunsRunHelpersUserIdResponse>('DELETE', '/api/v1/runs/{run}/helpers/{user_id}')
/** Make somebody a helper */
export const putRunsRunHelpersUserId = /*#__PURE__*/ mutation<T.PutRunsRunHelpersUserIdData, T.PutRunsRunHelpersUserIdResponse>('PUT', '/api/v1/runs/{run}/helpers/{user_id}')
/** The shopping list */
export const getRunsRunItems = /*#__PURE__*/ query<T.GetRunsRunItemsData, T.GetRunsRunItemsResponse>('GET', '/api/v1/runs/{run}/items')
/** Add a product nobody bid on */
export const postRunsRunItems = /*#__PURE__*/ mutation<T.PostRunsRunItemsData, T.PostRunsRunItemsResponse>('POST', '/api/v1/runs/{run}/items')
/** Note a price */
export const putRunsRunItemsProductIdPrice = /*#__PURE__*/ mutation<T.PutRunsRunItemsProductIdPriceData, T.PutRunsRunItemsProductIdPriceResponse>('PUT', '/api/v1/runs/{run}/items/{product_id}/price')
/** It was not bought */
export const deleteRunsRunItemsProductIdPurchase = /*#__PURE__*/ mutation<T.DeleteRunsRunItemsProductIdPurchaseData, T.DeleteRunsRunItemsProductIdPurchaseResponse>('DELETE', '/api/v1/runs/{run}/items/{product_id}/purchase')
/** Correct what was bought */
export const patchRunsRunItemsProductIdPurchase = /*#__PURE__*/ mutation<T.PatchRunsRunItemsProductIdPurchaseData, T.PatchRunsRunItemsProductIdPurchaseResponse>('PATCH', '/api/v1/runs/{run}/items/{product_id}/purchase')
/** Record what was bought */
export const putRunsRunItemsProductIdPurchase = /*#__PURE__*/ mutation<T.PutRunsRunItemsProductIdPurchaseData, T.PutRunsRunItemsProductIdPurchaseResponse>('PUT', '/api/v1/runs/{run}/items/{product_id}/purchase')
/** Bought some more */
export const postRunsRunItemsProductIdPurchaseParts = /*#__PURE__*/ mutation<T.PostRunsRunItemsProductIdPurchasePartsData, T.PostRunsRunItemsProductIdPurchasePartsResponse>('POST', '/api/v1/runs/{run}/items/{product_id}/purchase/parts')
/** Stays with the leader */
export const putRunsRunLeftWithLeaderUserId = /*#__PURE__*/ mutation<T.PutRunsRunLeftWithLeaderUserIdData, T.PutRunsRunLeftWithLeaderUserIdResponse>('PUT', '/api/v1/runs/{run}/left-with-leader/{user_id}')
/** Stays with the leader */
export const putRunsRunLeftWithLeaderUserIdProductId = /*#__PURE__*/ mutation<T.PutRunsRunLeftWithLeaderUserIdProductIdData, T.PutRunsRunLeftWithLeaderUserIdProductIdResponse>('PUT', '/api/v1/runs/{run}/left-with-leader/{user_id}/{product_id}')
/** What was said about a run, latest first */
export const getRunsRunMessages = /*#__PURE__*/ query<T.GetRunsRunMessagesData, T.GetRunsRunMessagesResponse>('GET', '/api/v1/runs/{run}/messages')
/** Say something about a run; `@username` tells that member of the group */
export const postRunsRunMessages = /*#__PURE__*/ mutation<T.PostRunsRunMessagesData, T.PostRunsRunMessagesResponse>('POST', '/api/v1/runs/{run}/messages')
/** Open bidding */
export const postRunsRunOpen = /*#__PURE__*/ mutation<T.PostRunsRunOpenData, T.PostRunsRunOpenResponse>('POST', '/api/v1/runs/{run}/open')
/** Not picked up after all */
export const deleteRunsRunPickupsUserId = /*#__PURE__*/ mutation<T.DeleteRunsRunPickupsUserIdData, T.DeleteRunsRunPickupsUserIdResponse>('DELETE', '/api/v1/runs/{run}/pickups/{user_id}')
/** Picked up: one item, or everything of a person */
export const putRunsRunPickupsUserId = /*#__PURE__*/ mutation<T.PutRunsRunPickupsUserIdData, T.PutRunsRunPickupsUserIdResponse>('PUT', '/api/v1/runs/{run}/pickups/{user_id}')
/** Not picked up after all */
export const deleteRunsRunPickupsUserIdProductId = /*#__PURE__*/ mutation<T.DeleteRunsRunPickupsUserIdProductIdData, T.DeleteRunsRunPickupsUserIdProductIdResponse>('DELETE', '/api/v1/runs/{run}/pickups/{user_id}/{product_id}')
/** Picked up: one item, or everything of a person */
export const putRunsRunPickupsUserIdProductId = /*#__PURE__*/ mutation<T.PutRunsRunPickupsUserIdProductIdData, T.PutRunsRunPickupsUserIdProductIdResponse>('PUT', '/api/v1/runs/{run}/pickups/{user_id}/{product_id}')
/** What the run would buy now, and who gets the extras */
export const getRunsRunPlan = /*#__PURE__*/ query<T.GetRunsRunPlanData, T.GetRunsRunPlanResponse>('GET', '/api/v1/runs/{run}/plan')
/** Say that my bids are final, or not yet */
export const putRunsRunReady = /*#__PURE__*/ mutation<T.PutRunsRunReadyData, T.PutRunsRunReadyResponse>('PUT', '/api/v1/runs/{run}/ready')
/** The receipts of a run, latest first */
export const getRunsRunReceipts = /*#__PURE__*/ query<T.GetRunsRunReceiptsData, T.GetRunsRunReceiptsResponse>('GET', '/api/v1/runs/{run}/receipts')
/** Add a receipt: JPEG, PNG, WebP or PDF by its content, at most 10 MiB */
export const postRunsRunReceipts = /*#__PURE__*/ mutation<T.PostRunsRunReceiptsData, T.PostRunsRunReceiptsResponse>('POST', '/api/v1/runs/{run}/receipts')
/** Take a receipt away: whoever added it, or the leader */
export const deleteRunsRunReceiptsReceipt = /*#__PURE__*/ mutation<T.DeleteRunsRunReceiptsReceiptData, void>('DELETE', '/api/v1/runs/{run}/receipts/{receipt}')
/** The content of a receipt; 304 without it if `If-None-Match` names its `ETag` */
export const getRunsRunReceiptsReceipt = /*#__PURE__*/ query<T.GetRunsRunReceiptsReceiptData, T.GetRunsRunReceiptsReceiptResponse>('GET', '/api/v1/runs/{run}/receipts/{receipt}')
/** Who owes whom, in as few transfers as there can be */
export const getRunsRunSettlement = /*#__PURE__*/ query<T.GetRunsRunSettlementData, T.GetRunsRunSettlementResponse>('GET', '/api/v1/runs/{run}/settlement')
/** Freeze the list and go shopping */
export const postRunsRunStartShopping = /*#__PURE__*/ mutation<T.PostRunsRunStartShoppingData, T.PostRunsRunStartShoppingResponse>('POST', '/api/v1/runs/{run}/start-shopping')
/** Back to the state before */
export const postRunsRunStepBack = /*#__PURE__*/ mutation<T.PostRunsRunStepBackData, T.PostRunsRunStepBackResponse>('POST', '/api/v1/runs/{run}/step-back')
/** Products, stores, my groups and their runs, by a part of their name */
export const getSearch = /*#__PURE__*/ query<T.GetSearchData, T.GetSearchResponse>('GET', '/api/v1/search')
/** All stores, by name */
export const getStores = /*#__PURE__*/ query<T.GetStoresData, T.GetStoresResponse>('GET', '/api/v1/stores')
/** Add a store */
export const postStores = /*#__PURE__*/ mutation<T.PostStoresData, T.PostStoresResponse>('POST', '/api/v1/stores')
/** Stores whose name is much like this one, most alike first */
export const getStoresSimilar = /*#__PURE__*/ query<T.GetStoresSimilarData, T.GetStoresSimilarResponse>('GET', '/api/v1/stores/similar')
/** A store */
export const getStoresStore = /*#__PURE__*/ query<T.GetStoresStoreData, T.GetStoresStoreResponse>('GET', '/api/v1/stores/{store}')
/** Correct a store */
export const patchStoresStore = /*#__PURE__*/ mutation<T.PatchStoresStoreData, T.PatchStoresStoreResponse>('PATCH', '/api/v1/stores/{store}')
/** What a store sells, as a table */
export const getStoresStoreAssortmentCsv = /*#__PURE__*/ query<T.GetStoresStoreAssortmentCsvData, T.GetStoresStoreAssortmentCsvResponse>('GET', '/api/v1/stores/{store}/assortment.csv')
/** Takes in what a store sells: each line as a whole or not at all, with a report of what was refused */
export const postStoresStoreAssortmentCsv = /*#__PURE__*/ mutation<T.PostStoresStoreAssortmentCsvData, T.PostStoresStoreAssortmentCsvResponse>('POST', '/api/v1/stores/{store}/assortment.csv')
/** What a store sells, by name */
export const getStoresStoreProducts = /*#__PURE__*/ query<T.GetStoresStoreProductsData, T.GetStoresStoreProductsResponse>('GET', '/api/v1/stores/{store}/products')
/** Say for how much and in which packs a store sells a product */
export const putStoresStoreProductsProduct = /*#__PURE__*/ mutation<T.PutStoresStoreProductsProductData, T.PutStoresStoreProductsProductResponse>('PUT', '/api/v1/stores/{store}/products/{product}')
/** The live connection (WebSocket); see the AsyncAPI document */
export const getWs = /*#__PURE__*/ query<T.GetWsData, void>('GET', '/api/v1/ws')
