//! Starting, and failing to start: one line that names the thing and what to do.

use crate::support::{App, Launch, bulq, free_port, run_to_end};
use bulq_testkit::Kind;
use std::process::Output;

fn one_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert!(!output.status.success(), "it should have failed: {text}");
    assert_eq!(text.lines().count(), 1, "one line: {text}");
    text
}

async fn serve(arguments: &[&str]) -> Output {
    let data = std::env::temp_dir().join(format!("bulq-start-{}", uuid::Uuid::new_v4().simple()));
    let listen = format!("127.0.0.1:{}", free_port());
    let mut all = vec!["serve", "--data", data.to_str().expect("a UTF-8 path")];
    if !arguments.contains(&"--listen") {
        all.extend(["--listen", &listen]);
    }
    all.extend(arguments);
    let output = run_to_end(&all).await;
    // Nothing is half-started: a folder may be there, a server is not.
    let _ = std::fs::remove_dir_all(data);
    output
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let line = one_line(&serve(&["--listen", &address]).await);

    assert!(line.contains(&address), "{line}");
}

#[tokio::test]
async fn an_unreachable_database_is_named() {
    let url = format!("postgres://nobody@127.0.0.1:{}/bulq", free_port());
    let line = one_line(&serve(&["--database-url", &url]).await);
    assert!(line.contains("127.0.0.1") && line.to_lowercase().contains("database"), "{line}");
}

#[tokio::test]
async fn a_wrong_database_is_named() {
    for url in ["mysql://localhost/x", "nonsense", "postgres://"] {
        one_line(&serve(&["--database-url", url]).await);
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let line = one_line(&run_to_end(&["serve", "--data", "/proc/bulq", "--listen", "127.0.0.1:0"]).await);
    assert!(line.contains("/proc/bulq"), "{line}");
}

#[tokio::test]
async fn a_wrong_flag_or_setting_is_named() {
    let output = run_to_end(&["serve", "--lisen", "127.0.0.1:1"]).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--lisen"));

    let listen = one_line(&serve(&["--listen", "nowhere"]).await);
    assert!(listen.contains("nowhere"), "{listen}");
    let environment =
        bulq().args(["serve", "--listen", "127.0.0.1:0"]).env("BULQ_ENV", "staging").output().await.unwrap();
    assert!(one_line(&environment).contains("BULQ_ENV"));
    let mut production = bulq();
    production.args(["serve", "--listen", "127.0.0.1:0"]).env("BULQ_ENV", "production");
    assert!(one_line(&production.output().await.unwrap()).contains("BULQ_"));
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let app = App::start(kind).await;
        app.stop().await;
        let sql = "insert into schema_migrations (version, name) values (999999, 'from the future')";
        bulq_testkit::tamper(app.database.url(), sql).await;

        let line = one_line(&serve(&["--database-url", app.database.url()]).await);

        assert!(line.to_lowercase().contains("newer"), "{line}");
    }
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = bulq_testkit::database(kind).await;
        let url = database.url();
        for step in [&["up"][..], &["status"], &["down"], &["status"], &["up"]] {
            let mut arguments = vec!["migrate"];
            arguments.extend(["--database-url", url]);
            arguments.extend(step);
            let output = run_to_end(&arguments).await;
            assert!(output.status.success(), "{step:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tampered_projection_is_found() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let app = App::start(kind).await;
        let cast = crate::support::Cast::assemble(&app).await;
        let run = cast.run().await;
        cast.a.command(run, &bulq_client::commands::bid(cast.p2, crate::support::q("2"))).await.committed();
        app.stop().await;
        app.verify().await;
        let sql = "update bids set min_thousandths = quantity_thousandths";
        bulq_testkit::tamper(app.database.url(), sql).await;

        let data = app.data.display().to_string();
        let output = run_to_end(&["verify", "--data", &data, "--database-url", app.database.url()]).await;

        assert_eq!(output.status.code(), Some(1), "a difference is exit code 1");
    }
}

#[tokio::test]
async fn with_a_demo_it_is_ready_when_its_demo_is_there() {
    let environment = vec![("BULQ_DEMO", "yes".to_owned())];

    let app = App::start_with(Kind::Sqlite, Launch { environment }).await;
    let offered = app.client().raw("GET", "/demo.json", None, &[]).await.unwrap();

    assert!(offered.json["people"].as_array().is_some_and(|people| !people.is_empty()), "{:?}", offered.json);
    app.finish().await;
}
