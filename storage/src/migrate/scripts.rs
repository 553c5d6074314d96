//! The scripts, as they lie in `migrations/`.

use crate::Database;

pub(super) struct Migration {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) up: &'static str,
    pub(super) down: &'static str,
}

macro_rules! scripts {
    ($folder:literal: $($version:literal $file:literal $name:literal),+ $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            up: include_str!(concat!("../../../migrations/", $folder, "/", $file, ".up.sql")),
            down: include_str!(concat!("../../../migrations/", $folder, "/", $file, ".down.sql")),
        }),+]
    };
}

macro_rules! migrations {
    ($($list:tt)+) => {
        static POSTGRES: &[Migration] = scripts!("postgres": $($list)+);
        static SQLITE: &[Migration] = scripts!("sqlite": $($list)+);
    };
}

migrations! {
    1 "0001_accounts" "accounts",
    2 "0002_groups" "groups",
    3 "0003_catalogue" "catalogue",
    4 "0004_runs" "runs",
    5 "0005_messages" "messages",
    6 "0006_goods" "goods",
    7 "0007_ledger" "ledger",
    8 "0008_notices" "notices",
    9 "0009_deadlines" "deadlines",
    10 "0010_erasure" "erasure",
    15 "0015_group_defaults" "group_defaults",
    16 "0016_catalogue_search" "catalogue_search",
    17 "0017_thread" "thread",
    18 "0018_admin" "admin",
    20 "0020_admins" "admins",
    21 "0021_sorted_lists" "sorted_lists",
    30 "0030_runs_by_state" "runs_by_state",
    32 "0032_disabled" "disabled",
    40 "0040_balances" "balances",
}

/// In the order they apply.
pub(super) const fn of(db: &Database) -> &'static [Migration] {
    match db {
        Database::Postgres(_) => POSTGRES,
        Database::Sqlite(_) => SQLITE,
    }
}
