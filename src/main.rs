//! `bulq`: one binary for serving and for looking after a database.

use bulq::cli::{Cli, Command, Place};
use bulq::config::{Flags, Settings};
use bulq::server::{Server, StartError};
use bulq::{asyncapi, files, http, maintenance, openapi, say, telemetry};
use clap::Parser;
use clap::error::ErrorKind;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let done = actix_web::rt::System::new().block_on(run(cli.command));
    done.unwrap_or_else(|error| {
        say::complain(&error.to_string());
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> Result<ExitCode, StartError> {
    match command {
        Command::Serve { place, listen, redis_url, demo, demo_bots } => {
            let flags = Flags { listen, redis_url, demo, demo_bots, ..place.flags() };
            serve(settings(flags)?).await?;
        }
        Command::Migrate { place, step } => maintenance::migrate(&settings_of(place)?, step).await?,
        Command::Verify { place } => {
            if maintenance::verify(&settings_of(place)?).await? > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Openapi => say::line(&format!("{:#}", openapi::document(&http::routes().endpoints()))),
        Command::Asyncapi => say::line(&format!("{:#}", asyncapi::document())),
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve(settings: Settings) -> Result<(), StartError> {
    telemetry::log_to_stderr(settings.log);
    let host = settings.listen.rsplit_once(':').map_or("127.0.0.1", |(host, _)| host).to_owned();
    if let Some(screens) = files::raise_limit() {
        tracing::info!(screens, "open files are enough for so many screens");
    }
    let server = Server::build(settings).await?;
    say::line(&format!("Bulq is at http://{host}:{}", server.port()));
    let demo = server.demo();
    if let Some(password) = demo.password {
        let names: Vec<_> = demo.people.iter().map(|person| person.username.as_str()).collect();
        say::line(&format!("Demo logins, password {password}: {}", names.join(", ")));
    }
    server.run_until_stopped().await.map_err(StartError::Socket)
}

fn settings(flags: Flags) -> Result<Settings, StartError> {
    Ok(Settings::read(flags, |name| std::env::var(name).ok())?)
}

/// Looking after a database needs no secret and no origins.
fn settings_of(place: Place) -> Result<Settings, StartError> {
    let env = |name: &str| std::env::var(name).ok().filter(|_| name != "BULQ_ENV");
    Ok(Settings::read(place.flags(), env)?)
}

/// What is wrong with the command line, in one line; help and version in full.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        say::line(error.to_string().trim_end());
        return ExitCode::SUCCESS;
    }
    let text = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            "say what to do: serve, migrate, verify, openapi or asyncapi".to_owned()
        }
        _ => error.to_string(),
    };
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    say::complain(&format!("{first}; see bulq --help"));
    ExitCode::from(2)
}
