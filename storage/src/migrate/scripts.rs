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
}

/// In the order they apply.
pub(super) const fn of(db: &Database) -> &'static [Migration] {
    match db {
        Database::Postgres(_) => POSTGRES,
        Database::Sqlite(_) => SQLITE,
    }
}
