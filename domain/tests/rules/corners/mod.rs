//! Corners beside the walkthroughs.

mod distributing;
mod money;
mod notices;
mod planning;
mod shopping;
mod values;
