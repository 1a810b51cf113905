//! The `xt` program: the command line, the terminal UI, and the two programs xt starts by itself.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // The supervisor of a run starts a thousand times where a person types once: it skips all the rest.
    if arguments.next().is_some_and(|verb| verb == "shim") {
        return shim(arguments.collect());
    }
    ExitCode::from(xt::cli::main())
}

/// `xt shim FOLDER`, or its second stage `xt shim --exec-with-terminal -- COMMAND…`.
fn shim(arguments: Vec<std::ffi::OsString>) -> ExitCode {
    if arguments.first().is_some_and(|first| first == "--exec-with-terminal") {
        let command: Vec<_> =
            arguments.into_iter().skip(2).filter_map(|word| word.into_string().ok()).collect();
        let error = xt::node::shim::exec_with_terminal(&command);
        eprintln!("xt: cannot start {}: {error}", command.join(" "));
        return ExitCode::from(127);
    }
    let Some(folder) = arguments.first().map(PathBuf::from) else { return ExitCode::from(2) };
    let done = xt::config::Home::from_env()
        .map_err(xt::ops::OpsError::from)
        .and_then(|home| xt::ops::serve::shim(&folder, &home));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads this; the attempt's folder is where somebody may look.
            let _ = std::fs::write(folder.join("shim-error.txt"), error.to_string());
            ExitCode::FAILURE
        }
    }
}
