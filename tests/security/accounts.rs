//! What people can do with their own account.

use crate::support::{Cast, q, stories};
use bulq_client::protocol::account::{Language, LoginKind, PatchMe, Theme};
use bulq_client::{Client, commands};
use serde_json::json;

const PASSWORD: &str = "correct horse battery";

stories! {
    async fn the_first_of_all_is_site_admin(app) {
        let (anna, boris) = (app.person("anna").await, app.person("boris").await);

        assert!(anna.me().await.unwrap().is_admin);
        assert!(!boris.me().await.unwrap().is_admin);
        assert!(app.client().login("anna", PASSWORD).await.unwrap().is_admin);
    }

    async fn usernames_and_names_have_their_lengths_and_letters(app) {
        let register = async |username: &str, name: &str| {
            let body = json!({ "username": username, "name": name, "password": PASSWORD });
            let answer = app.client().raw("POST", "/api/v1/auth/register", Some(&body), &[]).await.unwrap();
            let field = answer.json["errors"][0]["field"].as_str().unwrap_or_default().to_owned();
            (answer.status, field, answer.json["user"]["username"].as_str().unwrap_or_default().to_owned())
        };
        let long = "a".repeat(50);
        for good in ["abc", &long, "a-b_9", "___", "000", "ANNA-of-the-Mill"] {
            assert_eq!(register(good, "Somebody").await, (201, String::new(), good.to_lowercase()), "{good}");
        }
        for bad in ["", "ab", &"a".repeat(51), "a b c", " abc", "abc ", "a.b", "a@b.c", "anna!", "анна", "ännä", "\u{ff41}nna", "an\u{0}na", "an\nna", "../x", "a\u{200b}na"] {
            assert_eq!(register(bad, "Somebody").await, (422, "username".to_owned(), String::new()), "{bad:?}");
        }
        for (i, good) in ["x", &"я".repeat(100), "  Анна  ", "O'Brien-Łęcka 3rd", "<b>", "👩‍🌾"].into_iter().enumerate() {
            assert_eq!(register(&format!("name-{i}"), good).await.0, 201, "{good:?}");
        }
        for bad in ["", "   ", &"я".repeat(101), "two\nlines", "nul\u{0}within", "\u{1b}[31m"] {
            assert_eq!(register("nobody", bad).await, (422, "name".to_owned(), String::new()), "{bad:?}");
        }
        for taken in ["abc", "ABC", "Abc"] {
            assert_eq!(register(taken, "Somebody").await.0, 409, "{taken}");
            assert!(app.client().login(taken, PASSWORD).await.is_ok(), "in any case of letters: {taken}");
        }
    }

    async fn logins_are_listed_and_ended_one_by_one(app) {
        let here = app.person("anna").await;
        let there = app.client();
        there.login("anna", PASSWORD).await.unwrap();

        let listed = here.sessions().await.unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed.iter().filter(|session| session.current).count(), 1);
        assert!(listed.iter().all(|session| session.kind == LoginKind::Token));
        let other = listed.iter().find(|session| !session.current).unwrap().id;
        let stranger = app.person("boris").await;
        assert_eq!(stranger.end_session(other).await.unwrap_err().status(), Some(404), "none of theirs");
        here.end_session(other).await.unwrap();

        assert_eq!(there.me().await.unwrap_err().code(), Some("SESSION_ENDED"));
        assert_eq!(here.end_session(other).await.unwrap_err().status(), Some(404), "once");
        assert_eq!(here.sessions().await.unwrap().len(), 1);
    }

    async fn logging_out_everywhere_ends_every_login(app) {
        let here = app.person("anna").await;
        let there = app.client();
        there.login("anna", PASSWORD).await.unwrap();

        here.logout_everywhere().await.unwrap();

        assert_eq!(there.me().await.unwrap_err().status(), Some(401));
        assert_eq!(there.refresh().await.unwrap_err().status(), Some(401));
        there.login("anna", PASSWORD).await.unwrap();
    }

    async fn a_new_password_ends_all_other_logins(app) {
        let here = app.person("anna").await;
        let there = app.client();
        there.login("anna", PASSWORD).await.unwrap();

        let wrong = here.change_password("not my password", "another good one").await.unwrap_err();
        assert_eq!((wrong.status(), wrong.code()), (Some(403), Some("PASSWORD_WRONG")));
        for bad in ["short", "password123", "anna"] {
            assert_eq!(here.change_password(PASSWORD, bad).await.unwrap_err().status(), Some(422), "{bad}");
        }
        assert!(there.me().await.is_ok(), "nothing has happened yet");
        here.change_password(PASSWORD, "another good one").await.unwrap();

        assert!(here.me().await.is_ok() && here.refresh().await.is_ok());
        assert_eq!(there.me().await.unwrap_err().status(), Some(401));
        assert_eq!(app.client().login("anna", PASSWORD).await.unwrap_err().status(), Some(401));
        app.client().login("anna", "another good one").await.unwrap();
    }

    async fn a_name_and_preferences_can_be_changed(app) {
        let anna = app.person("anna").await;

        let patch = PatchMe { name: Some("  Аня ".to_owned()), password: Some(PASSWORD.to_owned()), language: Some(Language::Sr), ..PatchMe::default() };
        anna.update_me(&patch).await.unwrap();
        let me = anna.update_me(&PatchMe { theme: Some(Theme::Dark), ..PatchMe::default() }).await.unwrap();

        assert_eq!((me.name.as_str(), me.language, me.theme), ("Аня", Language::Sr, Theme::Dark));
        assert_eq!(anna.me().await.unwrap(), me);
        for bad in [json!({"language": "de"}), json!({"theme": "pink"}), json!({"name": "", "password": PASSWORD}), json!({"is_admin": true}), json!({"name": "x".repeat(101), "password": PASSWORD})] {
            let answer = anna.raw("PATCH", "/api/v1/auth/me", Some(&bad), &[]).await.unwrap();
            assert_eq!(answer.status, 422, "{bad}");
        }
        assert_eq!(anna.update_me(&PatchMe::default()).await.unwrap(), me, "nothing given, nothing changed");
    }

    async fn a_new_username_needs_the_password(app) {
        let anna = app.person("anna").await;
        app.person("boris").await;
        let rename = async |username: &str, password: Option<&str>| {
            let patch = PatchMe { username: Some(username.to_owned()), password: password.map(str::to_owned), ..PatchMe::default() };
            anna.update_me(&patch).await.map_err(|error| (error.status().unwrap(), error.code().unwrap().to_owned()))
        };

        assert_eq!(rename("anya", None).await.unwrap_err().0, 422);
        assert_eq!(rename("anya", Some("wrong")).await.unwrap_err(), (403, "PASSWORD_WRONG".to_owned()));
        assert_eq!(rename("Boris", Some(PASSWORD)).await.unwrap_err(), (409, "USERNAME_TAKEN".to_owned()));
        assert_eq!(rename("a b", Some(PASSWORD)).await.unwrap_err().0, 422);
        assert_eq!(rename("Anya", Some(PASSWORD)).await.unwrap().username, "anya");

        app.client().login("anya", PASSWORD).await.unwrap();
        assert_eq!(app.client().login("anna", PASSWORD).await.unwrap_err().status(), Some(401));
    }

    async fn a_new_name_needs_the_password(app) {
        let anna = app.person("anna").await;
        let before = anna.me().await.unwrap();

        for (password, expected) in [(None, 422), (Some("wrong"), 403)] {
            let patch = PatchMe { name: Some("Anya".to_owned()), password: password.map(str::to_owned), theme: Some(Theme::Dark), ..PatchMe::default() };
            assert_eq!(anna.update_me(&patch).await.unwrap_err().status(), Some(expected), "{password:?}");
        }
        let refused = anna.raw("PATCH", "/api/v1/auth/me", Some(&json!({ "name": "Anya" })), &[]).await.unwrap();
        assert_eq!((&refused.json["errors"][0]["field"], &refused.json["errors"][0]["code"]), (&json!("password"), &json!("REQUIRED")));

        assert_eq!(anna.me().await.unwrap(), before, "nothing has happened");
    }

    async fn figures_count_what_somebody_helped_with(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let (a, b) = (cast.a.user_id().unwrap(), cast.b.user_id().unwrap());
        for helper in [a, b] {
            cast.leader.command(run, &commands::appoint_helper(helper)).await.committed();
        }
        cast.leader.command(run, &commands::dismiss_helper(b)).await.committed();
        let other = cast.run().await;
        cast.leader.command(other, &commands::appoint_helper(a)).await.committed();
        cast.leader.command(other, &commands::cancel("no time".to_owned().try_into().unwrap(), None)).await.committed();
        let helped = async |who: &Client| {
            let stats = who.stats().await.unwrap();
            (stats.runs, stats.led, stats.helped)
        };
        assert_eq!(helped(&cast.leader).await, (2, 2, 0));
        assert_eq!(helped(&cast.a).await, (2, 0, 2), "however the run ended");
        assert_eq!(helped(&cast.b).await.2, 0, "not who was dismissed");
    }

    async fn figures_and_export_say_what_there_is(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.leader.command(run, &commands::bid(cast.p1, q("2"))).await.committed();
        cast.a.command(run, &commands::bid(cast.p1, q("3.5"))).await.committed();
        cast.a.command(run, &commands::bid(cast.p2, q("1"))).await.committed();

        let (leader, a, outsider) = (cast.leader.stats().await.unwrap(), cast.a.stats().await.unwrap(), cast.outsider.stats().await.unwrap());
        assert_eq!((leader.runs, leader.led, leader.bids), (1, 1, 1));
        assert_eq!((a.runs, a.led, a.helped, a.completed, a.bids), (1, 0, 0, 0, 2));
        assert_eq!((outsider.runs, outsider.bids), (0, 0));

        let said = json!({ "text": "I bring the bags" });
        cast.a.raw("POST", &format!("/api/v1/runs/{run}/messages"), Some(&said), &[]).await.unwrap();
        cast.b.raw("POST", &format!("/api/v1/runs/{run}/messages"), Some(&json!({ "text": "@anna thanks" })), &[]).await.unwrap();

        let export = cast.a.export_me().await.unwrap();
        assert_eq!((export.me.username.as_str(), export.stats.bids), ("anna", 2));
        assert_eq!((export.groups.len(), export.runs.len(), export.bids.len(), export.sessions.len()), (1, 1, 2, 1));
        assert_eq!(export.bids[0].quantity, q("3.5"));
        let said: Vec<_> = export.messages.iter().map(|message| message.text.as_str()).collect();
        assert_eq!((said, export.receipts.len()), (vec!["I bring the bags"], 0));
        assert!(export.notifications.iter().any(|note| note.kind == "mention"));
        assert!(export.events.iter().any(|event| event.event["type"] == "bid_placed"));
        let text = serde_json::to_string(&export).unwrap();
        assert!(!text.contains("argon2") && !text.contains("hash"), "nothing one could log in with");
        assert!(!text.contains("boris"), "nothing of others");
    }
}
