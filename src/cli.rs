//! The command line.

use crate::config::Flags;
use clap::{Args, Parser, Subcommand};

/// Live planning of bulk purchases for groups.
#[derive(Debug, Parser)]
#[command(name = "bulq", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "A flag wins over the environment (BULQ_LISTEN, BULQ_DATA, DATABASE_URL, REDIS_URL, BULQ_ENV, \
BULQ_SECRET, …), the environment over the file, the file over the default.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve until told to stop
    Serve {
        #[command(flatten)]
        place: Place,
        /// Address and port to serve on; port 0 takes a free one [default: 127.0.0.1:8080]
        #[arg(long, value_name = "HOST:PORT")]
        listen: Option<String>,
        /// redis://…; sessions, limits and lists are remembered there, shared by all servers
        #[arg(long, value_name = "URL")]
        redis_url: Option<String>,
        /// Fill an empty server with people, groups, stores and runs
        #[arg(long)]
        demo: bool,
        /// How many simulated members keep bidding [default: 3 with --demo]
        #[arg(long, value_name = "N")]
        demo_bots: Option<u32>,
    },
    /// Bring the database's schema up or down
    Migrate {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        step: MigrateStep,
    },
    /// Replay every log and compare it with everything derived from it
    Verify {
        #[command(flatten)]
        place: Place,
    },
    /// Print the OpenAPI document of the HTTP API
    Openapi,
    /// Print the AsyncAPI document of the live connection
    Asyncapi,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum MigrateStep {
    /// Take every step there is
    Up,
    /// Take the latest steps back
    Down {
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List the steps and whether they were taken
    Status,
}

/// Where things are kept.
#[derive(Debug, Args)]
pub struct Place {
    /// Folder of the embedded database [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// postgres://…; without it the embedded SQLite in the data folder is used
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// TOML file to read settings from
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<String>,
}

impl Place {
    #[must_use]
    pub fn flags(self) -> Flags {
        Flags { data: self.data, database_url: self.database_url, config: self.config, ..Flags::default() }
    }
}
