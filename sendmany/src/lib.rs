//! Many sends on many sockets in one call of the kernel.
//!
//! A frame for a thousand screens is a thousand sends. One by one each is a call of its own; io_uring takes a row of them at
//! once. Each does what `send(2)` with `MSG_DONTWAIT` does, before the call returns: nothing is under way afterwards, so the
//! bytes need only live as long as the call. That is what makes this safe to use, and the only place with unsafe code.
//!
//! Where there is no io_uring – another system, an old kernel, a container that forbids it – [`SendMany::new`] says so, and the
//! caller sends one by one.

#[cfg(target_os = "linux")]
mod uring;
#[cfg(target_os = "linux")]
pub use uring::SendMany;

#[cfg(not(target_os = "linux"))]
mod without;
#[cfg(not(target_os = "linux"))]
pub use without::SendMany;
