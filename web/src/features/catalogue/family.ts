/** What stands for any of its members: "rice" for sushi rice and basmati. */

import {
  getProducts,
  getProductsProduct,
  getProductsProductMembers,
  getRunsRunFamilies,
  patchProductsProduct,
  postProducts,
} from '../../api/gen/operations.gen'
import type { CatalogueProduct } from '../../api/gen/types.gen'
import { explain, fieldError } from '../../api/problems'
import { queries } from '../../api/queries'

/** Into the family, or with `null` out of the one it is in. */
export async function putInto(product: CatalogueProduct, family_id: string | null): Promise<void> {
  const saved = await patchProductsProduct.call({ path: { product: product.id }, body: { family_id } })
  queries.setQueryData(getProductsProduct.key({ path: { product: saved.id } }), saved)
  for (const { route } of [getProducts, getProductsProductMembers, getRunsRunFamilies])
    void queries.invalidateQueries({ queryKey: [route] })
}

/** A new family that is counted as the product is. */
export function newFamily(name: string, { unit, step }: CatalogueProduct): Promise<CatalogueProduct> {
  return postProducts.call({ body: { name, unit, step, is_family: true } })
}

/** Whether `product` may be put into `family`, as far as is seen from here; the server has the last word. */
export function fits(product: CatalogueProduct, family: CatalogueProduct): boolean {
  return family.is_family && !product.is_family && !family.disabled && !product.disabled && family.unit === product.unit
}

/** Why it does not belong there. */
export const whyNot = (error: unknown): string => fieldError(error, 'family_id') ?? explain(error)
