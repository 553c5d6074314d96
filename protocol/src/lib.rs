//! What travels: every JSON body and every frame of the live connection as a type.
//!
//! | file | what it holds |
//! |---|---|
//! | [`view`] | a run as somebody sees it, and how events change that view |
//! | [`wire`] | events as bytes: encoded once, shared by every screen |
//! | [`live`] | the frames of the live connection, topics and close codes |
//! | [`problem`] | errors (RFC 9457) |
//! | [`goods`], [`money`] | the list, the handing out, and who owes whom |
//! | [`account`], [`group`], [`catalogue`], [`run`], [`notification`] | the bodies of the HTTP routes |
//!
//! This crate holds no rule and does no IO. A change to a type here changes a golden file.

pub mod account;
pub mod admin;
pub mod catalogue;
pub mod goods;
pub mod group;
pub mod list;
pub mod live;
pub mod money;
pub mod notification;
pub mod problem;
pub mod run;
pub mod thread;
pub mod view;
pub mod wire;

pub use problem::Problem;
pub use view::RunView;
