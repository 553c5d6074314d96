//! Which passwords there are, and what a hash costs.

use crate::support::{App, stories};
use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use bulq_testkit::tamper;
use serde_json::json;

async fn register(app: &App, username: &str, password: &str) -> (u16, String) {
    let body = json!({ "username": username, "name": "Somebody", "password": password });
    let answer = app.client().raw("POST", "/api/v1/auth/register", Some(&body), &[]).await.unwrap();
    let code = answer.json["errors"][0]["code"].as_str().unwrap_or_default().to_owned();
    (answer.status, code)
}

stories! {
    async fn a_password_has_8_to_128_characters_of_any_kind(app) {
        let refused = |code: &str| (422, code.to_owned());
        for short in ["", "a", "1234567", "ääääääö", "\u{0}\u{0}\u{0}"] {
            assert_eq!(register(app, "anna", short).await, refused("LENGTH"), "{short:?}");
        }
        for long in ["x".repeat(129), "ß".repeat(129), "x".repeat(50_000)] {
            assert_eq!(register(app, "anna", &long).await, refused("LENGTH"));
        }
        assert_eq!(register(app, "anna", &"x".repeat(1_000_000)).await.0, 413);
        assert_eq!(register(app, "a-name-of-mine", "A-name-of-mine").await, refused("TOO_COMMON"));
        let good = ["x{é\u{301} π ...", "         ", "12345 67", "äöü ß 漢字", "nul\u{0}within", "tab\tand\nline", "' or 1=1; --", "\u{202e}backwards", "🥔🥔🥔🥔🥔🥔🥔🥔"];
        for (i, password) in good.into_iter().chain([&*"x".repeat(128), &*"漢".repeat(128)]).enumerate() {
            let name = format!("user-{i}");
            assert_eq!(register(app, &name, password).await.0, 201, "{password:?}");
            app.client().login(&name, password).await.unwrap();
            let trimmed = format!("{password} ");
            assert_eq!(app.client().login(&name, &trimmed).await.unwrap_err().status(), Some(401), "as it is");
        }
    }

    async fn the_most_common_passwords_are_refused(app) {
        let list = include_str!("../../src/security/passwords/common.txt");
        let common: Vec<_> = list.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(common.len(), 3000);

        for (i, password) in common.iter().enumerate() {
            let typed = if i % 2 == 0 { (*password).to_owned() } else { password.to_uppercase() };
            assert_eq!(register(app, "anna", &typed).await, (422, "TOO_COMMON".to_owned()), "{password}");
        }
    }

    /// Made when hashes were cheaper: m=8, t=1.
    async fn an_old_hash_is_made_anew_at_login(app) {
        app.person("anna").await;
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let old = cheap.hash_password(b"correct horse battery").unwrap().to_string();
        tamper(app.database.url(), &format!("update users set password_hash = '{old}'")).await;

        app.client().login("anna", "correct horse battery").await.unwrap();

        tamper(app.database.url(), &format!("update users set username = 'still-old' where password_hash = '{old}'")).await;
        app.client().login("anna", "correct horse battery").await.unwrap();
    }

    async fn one_password_is_one_however_its_accents_are_typed(app) {
        for (i, (one, other)) in [("caf\u{e9} noir", "cafe\u{301} noir"), ("\u{fb33}\u{ac00} 12345", "\u{5d3}\u{5bc}\u{1100}\u{1161} 12345"), ("\u{212b}ngstr\u{f6}m", "A\u{30a}ngstro\u{308}m")].into_iter().enumerate() {
            let name = format!("user-{i}");
            assert_eq!(register(app, &name, one).await.0, 201, "{one:?}");

            let typed = app.client();
            typed.login(&name, other).await.unwrap();
            typed.change_password(other, &format!("{other} anew")).await.unwrap();

            app.client().login(&name, &format!("{one} anew")).await.unwrap();
            assert_eq!(app.client().login(&name, "cafe noir").await.unwrap_err().status(), Some(401));
        }
    }

    /// Hashing is bounded; whoever comes beyond that is asked to come back, and everybody else is served.
    async fn too_many_logins_at_once_are_asked_to_come_back(app) {
        app.person("anna").await;

        assert!(refused_in_a_crowd(app, |_| "anna".to_owned(), 200).await > 0);
    }

    /// So an answer that comes sooner does not tell which names there are.
    async fn a_name_nobody_has_waits_in_the_same_queue(app) {
        assert!(refused_in_a_crowd(app, |i| format!("nobody-{i}"), 401).await > 0);
    }
}

/// 150 logins at once are more than two at work and 64 in the queue. Returns how many were asked to come back; all others were
/// answered as said.
async fn refused_in_a_crowd(app: &App, username: impl Fn(usize) -> String, served: u16) -> usize {
    let logins: Vec<_> = (0..150)
        .map(|i| {
            let body = json!({ "username": username(i), "password": "correct horse battery" });
            let client = app.client();
            tokio::spawn(
                async move { client.raw("POST", "/api/v1/auth/login", Some(&body), &[]).await.unwrap() },
            )
        })
        .collect();
    let alive = app.client().raw("GET", "/api/v1/openapi.json", None, &[]).await.unwrap();
    assert_eq!(alive.status, 200);

    let mut refused = 0;
    for login in logins {
        let answer = login.await.unwrap();
        if answer.status == 503 {
            refused += 1;
            assert!(answer.header("retry-after").is_some() && answer.problem().code == "BUSY");
        } else {
            assert_eq!(answer.status, served, "{}", answer.text);
        }
    }
    refused
}
