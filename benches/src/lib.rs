//! The whole server, measured over sockets (`bulq-load`). What the core costs without IO: `benches/core`.

pub mod load;
pub mod table;
