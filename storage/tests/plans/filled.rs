//! A database with many rows of everything that is listed or searched.

use bulq_storage::Database;
use bulq_storage::accounts::{self, NewUser};
use bulq_storage::groups::{self, NewGroup};
use bulq_testkit::tamper;
use std::time::Instant;
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
    // The index of what a million things are called is larger than what SQLite keeps in memory unless told to.
    let quickly = if url.starts_with("sqlite") { "pragma cache_size = -500000;" } else { "" };
    for statement in script(url.starts_with("sqlite"), rows, user, group).split_inclusive(';') {
        let began = Instant::now();
        tamper(url, &format!("{quickly}{statement}")).await;
        eprintln!("{:>9} {:>8.1} s   {}", db.kind(), began.elapsed().as_secs_f64(), beginning(statement));
    }
    Filled { user, group, store, product, run: Uuid::from_u128(1) }
}

/// As far as the table it fills.
fn beginning(statement: &str) -> &str {
    statement.trim().split(" (").next().unwrap_or_default()
}

/// What number `i` is called: three words of a hundred each, so that a million names differ and each word is in some.
pub(crate) fn name_of(i: u32) -> String {
    [(i % 100, 'r'), (i / 100 % 100, 's'), (i / 10_000 % 100, 't')].map(|(n, end)| word(n, end)).join(" ")
}

fn word(n: u32, end: char) -> String {
    let of = |letters: &'static str, n: u32| letters.as_bytes()[n as usize % letters.len()] as char;
    [of(FIRST, n), of(SECOND, n), of(FIRST, n / 5 + 3), of(SECOND, n / 14), end].iter().collect()
}

const FIRST: &str = "bdfgklmnprstvz";
const SECOND: &str = "aeiou";

/// As [`name_of`], in SQL.
fn name_in_sql() -> String {
    let word = |n: &str, end: char| {
        format!(
            "substr('{FIRST}', 1 + {n} % 14, 1) || substr('{SECOND}', 1 + {n} % 5, 1) ||
             substr('{FIRST}', 1 + ({n} / 5 + 3) % 14, 1) || substr('{SECOND}', 1 + ({n} / 14) % 5, 1) || '{end}'"
        )
    };
    [word("(i % 100)", 'r'), word("(i / 100 % 100)", 's'), word("(i / 10000 % 100)", 't')].join(" || ' ' || ")
}

/// Number `n` of everything has the id `n`. What is looked through belongs by half to one: the first product is the family of
/// half of them, the first store sells every twentieth. The other half is spread, so that the databases see that most have few.
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
    let name = name_in_sql();
    let half = |of: &str, others: &str| format!("case when i % 2 = 0 then {of} else {others} end");
    let product = half(&one, &n);
    let one = one.as_str();
    format!(
        "insert into users (id, username, name, password_hash, language, created_at)
             select {n}, 'user' || i, 'User ' || i, 'none', 'en', i from {many} x;
         insert into groups (id, name, name_key, currency, created_by, created_at)
             select {n}, 'Group ' || i, 'group ' || i, 'EUR', {user}, i from {many} x;
         insert into group_members (group_id, user_id, role, joined_at)
             select {n}, {n}, 'admin', i from {few} x;
         insert into group_members (group_id, user_id, role, joined_at)
             select {group}, {n}, 'member', i from {hundred} x;
         insert into group_members (group_id, user_id, role, joined_at)
             select {n}, {user}, 'member', i from {hundred} x;
         insert into stores (id, name, name_key, created_by, created_at)
             select {n}, {name}, {name}, {user}, i from {few} x;
         insert into products (id, name, name_key, unit, step_thousandths, family_id, created_by, created_at)
             select {n}, {name}, {name}, 'kg', 1, {family}, {user}, i from {many} x;
         insert into search_entries (kind, id, name, name_key, words, stale)
             select 'product', {n}, {name}, {name}, {name}, {no} from {many} x;
         insert into search_entries (kind, id, name, name_key, words, stale)
             select 'store', {n}, {name}, {name}, {name}, {no} from {few} x;
         insert into store_products (store_id, product_id, price, updated_at, name_key)
             select {of_store}, {n}, i, i, {name} from {few} x;
         insert into price_observations (id, product_id, store_id, price, observed_by, observed_at)
             select {n}, {product}, {of_any_store}, i, {of_user}, i from {many} x;
         insert into group_invites (id, group_id, token_hash, created_by, created_at)
             select {n}, {of_invited}, {n_hash}, {of_user}, i from {few} x;
         insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, created_at, updated_at)
             select {n}, {id_of_group}, {of_store}, {of_user}, 'completed', 1, 1, i, i from {few} x;
         insert into run_messages (id, run_id, author_id, text, words, created_at)
             select {n}, {id_of_group}, {of_user}, 'about ' || i, 'about ' || i, i from {many} x;
         insert into run_receipts (id, run_id, uploaded_by, name, media, size, hash, created_at)
             select {n}, {id_of_group}, {of_user}, 'a receipt', 'image/png', 1, {n_hash}, i from {many} x;
         insert into admin_log (id, admin_id, action, target, detail, at)
             select {n}, {user}, 'verify', 'product', '{{}}', i from {many} x;
         insert into participants (run_id, user_id, position, ready, helper, removed)
             select {n}, {n}, 1, {no}, {no}, {no} from {few} x;
         insert into run_products (run_id, product_id, position, name, unit, step_thousandths, minimum_thousandths, price)
             select {n}, {product}, 1, 'Rice', 'kg', 1, 0, 100 from {few} x;
         insert into bids (run_id, product_id, user_id, position, min_thousandths, quantity_thousandths, max_thousandths,
                 interested_only, updated_seq)
             select {n}, {product}, {n}, 1, 0, 1, 1, {no}, 1 from {few} x;
         insert into run_items (run_id, product_id, requested_thousandths, bought_thousandths, total, changed_seq)
             select {n}, {product}, 1, 1, 1, 1 from {few} x;
         insert into run_purchases (run_id, product_id, part, quantity_thousandths, total, payer_id, picked_product_id)
             select {n}, {product}, 0, 1, 1, {n}, {picked} from {few} x;
         insert into run_snapshots (run_id, seq, body, at) select {n}, 1, '{{}}', i from {few} x;
         insert into allocations (run_id, product_id, user_id, received_thousandths, share)
             select {n}, {product}, {n}, 1, 1 from {few} x;
         insert into run_balances (run_id, user_id, paid, owes) select {n}, {n}, 1, 1 from {few} x;
         insert into ledger_entries (id, group_id, user_id, run_id, kind, amount, at)
             select {n}, {id_of_group}, {n}, {n}, 'run', 1, i from {few} x;
         insert into run_events (run_id, seq, actor_id, at, kind, body, epoch)
             select {n}, 1, {n}, i, 'run_opened', '{{}}', 1 from {few} x;
         insert into notifications (id, user_id, run_id, seq, kind, body, created_at, updated_at)
             select {n}, {n}, {n}, 1, 'mention', '{{}}', i, i from {few} x;
         insert into sessions (id, user_id, kind, secret_hash, family, expires_at, created_at, last_seen_at)
             select {n}, {n}, 'token', {n_hash}, {n}, i, i, i from {few} x;
         analyze;",
        id_of_group = id("1 + i % 200"),
        family = half(one, &id("1 + i % 1000 / 2 * 2")),
        of_store = half(one, &n),
        of_any_store = half(one, &id(&format!("1 + i % {}", rows / 10))),
        of_user = half(&user, &n),
        of_invited = half(&group, &n),
        picked = half("null", &n),
        n_hash = if sqlite { n.clone() } else { "decode(lpad(to_hex(i), 32, '0'), 'hex')".to_owned() },
    )
}
