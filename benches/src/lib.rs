//! What is measured: the core with criterion (`benches/core.rs`), the whole server over sockets (`bulq-load`).
//!
//! | file | what it holds |
//! |---|---|
//! | [`stage`] | runs of a given size, for the benches of the core |
//! | [`load`] | scenarios over sockets, and what they cost the server |

pub mod load;
pub mod stage;
