//! A database with many rows of everything that is listed or searched.

use bulq_storage::Database;
use bulq_storage::accounts::{self, NewUser};
use bulq_storage::groups::{self, NewGroup};
use bulq_testkit::tamper;
use uuid::Uuid;

/// One of each, to ask about.
pub(crate) struct Filled {
    pub(crate) user: Uuid,
    pub(crate) group: Uuid,
    pub(crate) store: Uuid,
    pub(crate) product: Uuid,
    pub(crate) run: Uuid,
}

pub(crate) async fn fill(db: &Database, url: &str, rows: u32) -> Filled {
    let user = NewUser {
        id: Uuid::now_v7(),
        username: "owner".to_owned(),
        name: "The owner".to_owned(),
        password_hash: "none".to_owned(), // pragma: allowlist secret
        language: "en".to_owned(),
        at: 0,
    };
    let user = accounts::create_user(db, user).await.unwrap().id;
    let (name, currency) = ("The group".to_owned(), "EUR".to_owned());
    let group = NewGroup { id: Uuid::now_v7(), name, currency, created_by: user, at: 0 };
    let group = groups::create_group(db, group, 100).await.unwrap().id;
    let (store, product) = (Uuid::from_u128(1), Uuid::from_u128(1));
    tamper(url, &script(url.starts_with("sqlite"), rows, user, group)).await;
    Filled { user, group, store, product, run: Uuid::from_u128(1) }
}

/// Number `n` of everything has the id `n`. The first product is the family of all; the first store sells every tenth.
fn script(sqlite: bool, rows: u32, user: Uuid, group: Uuid) -> String {
    let numbers = |rows: u32| {
        if sqlite {
            format!(
                "(with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) select i from n)"
            )
        } else {
            format!("(select i from generate_series(1, {rows}) i)")
        }
    };
    let id = |n: &str| {
        if sqlite {
            format!("unhex(printf('%032x', {n}))")
        } else {
            format!("lpad(to_hex({n}), 32, '0')::uuid")
        }
    };
    let literal = |id: Uuid| if sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") };
    let (no, user, group) = (if sqlite { "0" } else { "false" }, literal(user), literal(group));
    let (n, one) = (id("i"), id("1"));
    let (hundred, few, many) = (numbers(100), numbers(rows / 10), numbers(rows));
    let word = "case i % 5 when 0 then 'grain' when 1 then 'flour' when 2 then 'oil' when 3 then 'tea' else 'salt' end";
    format!(
        "insert into users (id, username, name, password_hash, language, created_at)
             select {n}, 'user' || i, 'User ' || i, 'none', 'en', i from {few} x;
         insert into groups (id, name, name_key, currency, created_by, created_at)
             select {n}, 'Group ' || i, 'group ' || i, 'EUR', {user}, i from {few} x;
         insert into group_members (group_id, user_id, role, joined_at)
             select {n}, {n}, 'admin', i from {few} x;
         insert into group_members (group_id, user_id, role, joined_at)
             select {group}, {n}, 'member', i from {hundred} x;
         insert into group_members (group_id, user_id, role, joined_at)
             select {n}, {user}, 'member', i from {hundred} x;
         insert into stores (id, name, name_key, created_by, created_at)
             select {n}, 'Store ' || i, 'store ' || i, {user}, i from {few} x;
         insert into products (id, name, name_key, unit, step_thousandths, family_id, created_by, created_at)
             select {n}, 'Product ' || i, 'product ' || i, 'kg', 1, {one}, {user}, i from {many} x;
         insert into search_entries (kind, id, name, words, stale)
             select 'product', {n}, 'product ' || i || ' ' || {word}, 'product ' || i || ' ' || {word}, {no} from {many} x;
         insert into search_entries (kind, id, name, words, stale)
             select 'store', {n}, 'store ' || i, 'store ' || i, {no} from {few} x;
         insert into store_products (store_id, product_id, price, updated_at)
             select {one}, {n}, i, i from {few} x;
         insert into price_observations (id, product_id, store_id, price, observed_by, observed_at)
             select {n}, {one}, {one}, i, {user}, i from {many} x;
         insert into group_invites (id, group_id, token_hash, created_by, created_at)
             select {n}, {group}, {n_hash}, {user}, i from {few} x;
         insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, created_at, updated_at)
             select {n}, {id_of_group}, {one}, {user}, 'completed', 1, 1, i, i from {few} x;
         insert into run_messages (id, run_id, author_id, text, words, created_at)
             select {n}, {id_of_group}, {user}, 'about ' || i, 'about ' || i, i from {many} x;
         insert into run_receipts (id, run_id, uploaded_by, name, media, size, hash, created_at)
             select {n}, {id_of_group}, {user}, 'a receipt', 'image/png', 1, {n_hash}, i from {many} x;
         insert into admin_log (id, admin_id, action, target, detail, at)
             select {n}, {user}, 'verify', 'product', '{{}}', i from {few} x;
         analyze;",
        id_of_group = id("1 + i % 200"),
        n_hash = if sqlite { n.clone() } else { "decode(lpad(to_hex(i), 32, '0'), 'hex')".to_owned() },
    )
}
