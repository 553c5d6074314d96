//! The rules of a run, and nothing else.
