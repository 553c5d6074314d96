//! Texts and numbers at their limits.

use bulq_domain::command::{NewRun, Unreadable};
use bulq_domain::event::Departure;
use bulq_domain::run::NoticeKind;
use bulq_domain::{
    Code, Command, CommandKind, Comment, Currency, Event, GroupId, Label, Money, ProductId, Quantity, Reason,
    ShortagePolicy, State, StoreId, Total, UserId,
};
use serde::Serialize;
use uuid::Uuid;

fn json(value: impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn names_are_the_same_in_text_and_in_json() {
    for state in State::ALL {
        assert_eq!((state.to_string(), state.as_str().parse()), (json(state), Ok(state)));
    }
    assert!("asleep".parse::<State>().unwrap_err().contains("asleep"));
    for policy in ShortagePolicy::ALL {
        assert_eq!((policy.as_str().to_owned(), policy.as_str().parse()), (json(policy), Ok(policy)));
    }
    assert!("dice".parse::<ShortagePolicy>().unwrap_err().contains("dice"));
    for code in Code::ALL {
        assert_eq!((code.to_string(), code.as_str().to_owned()), (json(code), json(code)));
    }
    for kind in CommandKind::ALL {
        assert_eq!(kind.as_str(), json(kind));
    }
    for kind in [
        NoticeKind::StateChanged,
        NoticeKind::EveryoneReady,
        NoticeKind::GapOpen,
        NoticeKind::BidForYou,
        NoticeKind::WantedShrunk,
        NoticeKind::HelperAppointed,
        NoticeKind::HandoverOffered,
        NoticeKind::HandoverEnded,
        NoticeKind::LeaderChanged,
        NoticeKind::Removed,
        NoticeKind::Mention,
    ] {
        assert_eq!(kind.as_str(), json(kind));
    }
}

#[test]
fn a_run_goes_only_where_the_table_of_states_says() {
    use State::{Active, Adjusting, Cancelled, Completed, Confirmed, Distributing, Planning, Shopping};
    let edges =
        |from: State| State::ALL.into_iter().filter(move |to| from.may_become(*to)).collect::<Vec<_>>();
    for (from, to) in [
        (Planning, vec![Active, Cancelled]),
        (Active, vec![Planning, Confirmed, Cancelled]),
        (Confirmed, vec![Active, Shopping, Cancelled]),
        (Shopping, vec![Adjusting, Distributing, Completed, Cancelled]),
        (Adjusting, vec![Distributing, Cancelled]),
        (Distributing, vec![Completed, Cancelled]),
        (Completed, vec![]),
        (Cancelled, vec![]),
    ] {
        assert_eq!(edges(from), to, "{from}");
    }
}

#[test]
fn only_a_departure_shuts_somebody_out() {
    let user_id = UserId(Uuid::from_u128(7));
    let left = Event::MemberLeft { user_id, reason: Departure::Left, lines: Vec::new() };

    assert_eq!(left.shuts_out(), Some(user_id));
    assert_eq!(Event::MemberReturned { user_id }.shuts_out(), None);
    assert_eq!((left.kind(), left.new_state()), ("member_left", None));
    assert!(Event::KINDS.contains(&left.kind()));
}

#[test]
fn prices_of_parts_are_rounded_half_up() {
    assert_eq!(Money(399).times_thousandths(1000), Money(399));
    assert_eq!(Money(1).times_thousandths(499), Money(0));
    assert_eq!(Money(1).times_thousandths(500), Money(1));
    assert_eq!(Money(3).times_thousandths(2500), Money(8));
    assert_eq!(Money(i64::MAX).times_thousandths(2000), Money(i64::MAX));
    assert_eq!(Money(2).saturating_add(Money(3)), Money(5));
    assert_eq!(Money(i64::MAX).saturating_add(Money(1)), Money(i64::MAX));
}

#[test]
fn a_currency_is_three_capital_letters() {
    let euro: Currency = "EUR".parse().unwrap();
    assert_eq!((euro.as_str(), String::from(euro)), ("EUR", "EUR".to_owned()));
    assert_eq!(json(euro), "EUR");
    for text in ["", "EU", "EURO", "eur", "E1R", "ÄUR"] {
        assert!(text.parse::<Currency>().is_err(), "{text}");
        assert!(Currency::try_from(text.to_owned()).is_err(), "{text}");
    }
}

#[test]
fn quantities_keep_their_limits() {
    assert_eq!(Quantity::from_thousandths(9_999_000), Ok(Quantity::MAX));
    assert!(Quantity::from_thousandths(9_999_001).is_err());
    assert_eq!("9999".parse(), Ok(Quantity::MAX));
    assert_eq!("9999.000".parse(), Ok(Quantity::MAX));
    assert!(Quantity::ZERO.is_zero() && !Quantity::SMALLEST.is_zero());
    assert!(!Quantity::ONE.is_multiple_of(Quantity::ZERO));
    assert!(Quantity::MAX.is_multiple_of(Quantity::ONE) && !Quantity::SMALLEST.is_multiple_of(Quantity::ONE));
    for (text, written) in
        [("0.100", "0.1"), ("0.010", "0.01"), ("0.001", "0.001"), ("1.250", "1.25"), ("010", "10")]
    {
        assert_eq!(text.parse::<Quantity>().unwrap().to_string(), written);
        assert_eq!(text.parse::<Total>().unwrap().to_string(), written);
    }
    assert_eq!("18446744073709551.615".parse(), Ok(Total::from_thousandths(u64::MAX)));
    assert!("18446744073709551.616".parse::<Total>().is_err());
    assert_eq!(Total::from_thousandths(5).saturating_sub(Total::from_thousandths(7)), Total::ZERO);
    assert!(Total::ZERO.is_zero() && !Total::from_thousandths(1).is_zero());
    assert_eq!(
        (json(Quantity::ONE), json(Total::from_thousandths(1500))),
        ("1".to_owned(), "1.5".to_owned())
    );
}

#[test]
fn free_text_is_trimmed_and_limited() {
    let comment = |text: &str| Comment::try_from(text.to_owned());
    assert_eq!(comment(" ripe ones\n").unwrap().as_str(), "ripe ones");
    assert_eq!(comment(" ").unwrap().non_empty(), None);
    assert_eq!(comment("x").unwrap().non_empty().unwrap().as_str(), "x");
    assert!(comment(&"ß".repeat(500)).is_ok() && comment(&"ß".repeat(501)).is_err());
    assert!(comment("a\nb\tc").is_ok() && comment("a\u{7}b").is_err());
    assert!(Reason::try_from(" ".to_owned()).is_err());
    assert!(Label::try_from("x".repeat(100)).is_ok() && Label::try_from("x".repeat(101)).is_err());
    assert_eq!(Label::try_from("fuel".to_owned()).unwrap().as_str(), "fuel");
}

#[test]
fn what_is_no_command_says_why() {
    for (text, said) in [
        ("[1]", "an object"),
        ("{", "EOF"),
        (r#"{"quantity":"1"}"#, "missing field `type`"),
        (r#"{"type":"dance"}"#, "dance"),
        (r#"{"type":"set_ready","ready":"yes"}"#, "invalid type"),
    ] {
        let said_instead = Command::from_json(text).unwrap_err().to_string();
        assert!(said_instead.contains(said), "{text}: {said_instead}");
        assert!(!text.contains("ready") || !said_instead.contains("line"), "{said_instead}");
    }
    assert!(matches!(Command::from_json("[1]"), Err(Unreadable::Malformed(_))));
    assert!(matches!(Command::from_json("{}"), Err(Unreadable::Invalid { .. })));
}

#[test]
fn what_stands_in_the_path_is_a_field_like_any_other() {
    use bulq_domain::command::Fields;
    use serde_json::value::RawValue;
    let id = RawValue::from_string(format!("{:?}", Uuid::from_u128(5).to_string())).unwrap();
    let read = |body: &'static str| {
        let mut fields = Fields::from_json(body).unwrap();
        fields.push("product_id", &id);
        Command::from_fields(CommandKind::PlaceBid, fields)
    };

    let Ok(Command::PlaceBid(bid)) = read(r#"{"quantity":"1"}"#) else { panic!("not a bid") };
    assert_eq!(bid.product_id, ProductId(Uuid::from_u128(5)));
    let doubled = read(r#"{"quantity":"1","product_id":"00000000-0000-0000-0000-000000000005"}"#);
    assert!(doubled.unwrap_err().to_string().contains("duplicate field"));
}

#[test]
fn commands_name_what_has_to_be_looked_up() {
    let (product, other) = (Uuid::from_u128(5), Uuid::from_u128(6));
    let named = |kind: &str, fields: &str| {
        Command::from_json(&format!(r#"{{"type":"{kind}"{fields}}}"#)).unwrap().names()
    };
    let product_field = format!(r#","product_id":"{product}""#);
    let bought =
        format!(r#"{product_field},"quantity":"1","total":1,"payer":"{other}","picked":"{product}""#);
    let both = (Some(ProductId(product)), Some(UserId(other)));
    for kind in ["record_purchase", "add_purchase", "edit_purchase"] {
        assert_eq!(named(kind, &bought), both, "{kind}");
    }
    let behalf = format!(r#","for":"{other}""#);
    for (kind, rest) in
        [("place_bid", r#","quantity":"1""#), ("add_item", r#","quantity":"1""#), ("retract_bid", "")]
    {
        assert_eq!(named(kind, &format!("{product_field}{rest}{behalf}")), both, "{kind}");
    }
    assert_eq!(named("observe_price", &format!(r#"{product_field},"price":1"#)), (both.0, None));
    let person = format!(r#","user_id":"{other}""#);
    for kind in ["appoint_helper", "dismiss_helper"] {
        assert_eq!(named(kind, &person), (None, both.1), "{kind}");
    }
    let received = format!(r#"{product_field}{person},"received":"1""#);
    assert_eq!(named("set_received", &received), (None, both.1));
    assert_eq!(named("open", ""), (None, None));
}

#[test]
fn runs_that_differ_are_told_apart() {
    let new = |store: u128| NewRun {
        group_id: GroupId(Uuid::from_u128(1)),
        store_id: StoreId(Uuid::from_u128(store)),
        store_name: "Mill".into(),
        currency: "EUR".parse().unwrap(),
        comment: None,
        planned_on: None,
        bidding_deadline: None,
        auto_confirm: false,
        shortage_policy: ShortagePolicy::default(),
        costs: Vec::new(),
    };
    let (a, b) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));

    assert_eq!(new(2).fingerprint(a), new(2).fingerprint(a));
    assert_ne!(new(2).fingerprint(a), new(3).fingerprint(a));
    assert_ne!(new(2).fingerprint(a), new(2).fingerprint(b));
}

/// Stored ids are compared with what was stored before: the numbers themselves must not change.
#[test]
fn fingerprints_are_fnv_1a_over_the_author_and_the_text() {
    let fnv = |bytes: &[u8]| {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let by = UserId(Uuid::from_u128(1));
    let text = [by.0.as_bytes().as_slice(), br#"{"type":"open"}"#].concat();

    let open = Command::from_json(r#"{"type":"open"}"#).unwrap();

    assert_eq!(open.fingerprint(by), fnv(&text).cast_signed());
}
