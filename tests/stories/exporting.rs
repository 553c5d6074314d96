//! A run as a file: everything that was wanted, bought, received and owed, and nobody is mixed up.

use crate::support::{Cast, id, q, stories};
use bulq_client::domain::RunId;
use bulq_client::{Client, ClientError, ExportFormat, commands};

/// The lines of a kind: person, name, quantity, amount.
fn lines(csv: &str, kind: &str) -> Vec<(String, String, String, String)> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|title| title == name).expect("the column is there");
    let columns = ["kind", "user_id", "name", "quantity", "amount"].map(column);
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        columns.map(|at| row[at].to_owned())
    });
    rows.filter(|row| row[0] == kind)
        .map(|[_, user, name, quantity, amount]| (user, name, quantity, amount))
        .collect()
}

async fn status(who: &Client, run: RunId) -> Option<u16> {
    match who.export(run, ExportFormat::Csv).await {
        Err(ClientError::Problem(problem)) => Some(problem.status),
        Err(other) => panic!("no answer: {other}"),
        Ok(_) => None,
    }
}

stories! {
    /// Two people of one name, one of them with a formula in it.
    async fn two_people_of_one_name_stay_two(app) {
        let cast = Cast::assemble(app).await;
        let mut twins = Vec::new();
        for username in ["anna-one", "anna-two"] {
            let twin = app.client();
            twin.register(username, "=Anna", "correct horse battery").await.unwrap();
            cast.invite(&twin).await;
            twins.push(twin);
        }
        let (one, two) = (&twins[0], &twins[1]);
        let run = cast.shopped(&[(one, cast.p2, "1"), (two, cast.p2, "3")], &[(cast.p2, "4", 1000)]).await;

        let csv = cast.a.export(run, ExportFormat::Csv).await.unwrap();

        let row = |who: &Client, quantity: &str, amount: &str| {
            (id(who).to_string(), "'=Anna".to_owned(), quantity.to_owned(), amount.to_owned())
        };
        assert_eq!(lines(&csv, "wanted"), [row(one, "1", ""), row(two, "3", "")]);
        assert_eq!(lines(&csv, "received"), [row(one, "1", "250"), row(two, "3", "750")]);
        let bought = lines(&csv, "bought");
        assert_eq!((bought.len(), &*bought[0].2, &*bought[0].3), (1, "4", "1000"));
        let balances = lines(&csv, "balance");
        assert_eq!(balances.iter().map(|line| line.3.parse::<i64>().unwrap()).sum::<i64>(), 0);
        let json: serde_json::Value =
            serde_json::from_str(&cast.a.export(run, ExportFormat::Json).await.unwrap()).unwrap();
        assert_eq!(json["run"]["id"], run.to_string());
        assert_eq!(json["settlement"]["paid"], 1000);
        assert_eq!(json["distribution"]["people"].as_array().unwrap().len(), 2);
    }

    /// From confirmed on, also when it is over; for members only.
    async fn a_run_is_exported_from_confirmed_on(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p2, q("1"))).await.committed();
        assert_eq!(status(&cast.a, run).await, Some(409));
        cast.lead(run, [commands::confirm()]).await;
        assert_eq!(status(&cast.a, run).await, None);
        assert_eq!(status(&cast.c, run).await, None, "any member of the group");
        assert_eq!(status(&cast.outsider, run).await, Some(404));
        cast.lead(run, [crate::support::cancel()]).await;
        assert_eq!(status(&cast.a, run).await, None);
    }
}
