//! What a database would do for a statement, and whether it would read a table from end to end.

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row, SqliteConnection};

/// The statements that scan, each with its plan. `avoid`: scan only if nothing else is possible.
pub(crate) async fn scans(url: &str, statements: &[String], avoid: bool) -> Vec<String> {
    let mut scans = Vec::new();
    if url.starts_with("sqlite") {
        let options: SqliteConnectOptions = url.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        for sql in statements {
            let plan = sqlite_plan(&mut connection, sql).await;
            note(&mut scans, sql, &plan, plan.iter().any(|line| is_sqlite_scan(line)));
        }
    } else {
        let options: PgConnectOptions = url.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        set(&mut connection, "set plan_cache_mode = force_generic_plan").await;
        if avoid {
            set(&mut connection, "set enable_seqscan = off").await;
        }
        for sql in statements {
            let plan = postgres_plan(&mut connection, sql).await;
            note(&mut scans, sql, &plan, plan.iter().any(|line| is_postgres_scan(line)));
        }
    }
    scans
}

fn note(scans: &mut Vec<String>, sql: &str, plan: &[String], is_scan: bool) {
    if is_scan {
        scans.push(format!("{sql}\n{}", plan.join("\n")));
    }
}

async fn sqlite_plan(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let explain = AssertSqlSafe(format!("explain query plan {sql}"));
    let rows = sqlx::query(explain).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

/// A virtual table looks up its own index; the rows of a subquery, and of what a search calls `found`, were found by one; the
/// index of admins holds nobody else.
fn is_sqlite_scan(line: &str) -> bool {
    line.starts_with("SCAN ")
        && !["VIRTUAL TABLE INDEX", "CONSTANT ROW", "(subquery", "SCAN found", "USING INDEX users_admins"]
            .iter()
            .any(|fine| line.contains(fine))
}

/// There is a handful of switches, and never more.
fn is_postgres_scan(line: &str) -> bool {
    line.contains("Seq Scan") && !line.contains(" on server_switches")
}

/// The names of admins' lists that no name begins with: how many blocks PostgreSQL reads to find none, by statement.
pub(crate) async fn blocks_for_no_name(url: &str, statements: &[String]) -> Vec<(String, u64)> {
    let options: PgConnectOptions = url.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    let mut blocks = Vec::new();
    for sql in statements.iter().filter(|sql| sql.contains("name_key < $")) {
        let none = "('zzz', '00000000-0000-0000-0000-000000000000', 'zzz~', 51)";
        let explain = format!(
            "deallocate all; prepare asked as {sql}; explain (analyze, buffers, format json) execute asked{none}"
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut connection).await.unwrap();
        let plan: String = rows[0].get_unchecked(0);
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let read = |what: &str| plan[0]["Plan"][what].as_u64().unwrap();
        blocks.push((sql.clone(), read("Shared Hit Blocks") + read("Shared Read Blocks")));
    }
    blocks
}

async fn set(connection: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

async fn postgres_plan(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    let parameters = (1..20).take_while(|n| sql.contains(&format!("${n}"))).count();
    let nulls = vec!["null"; parameters].join(", ");
    let arguments = if parameters == 0 { String::new() } else { format!("({nulls})") };
    let explain = format!("deallocate all; prepare asked as {sql}; explain execute asked{arguments}");
    let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}
