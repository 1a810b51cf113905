//! The command line: clap in, text out. No logic of its own.

/// stand-in
pub fn main() -> u8 {
    let home = crate::config::Home::from_env();
    let Ok(home) = home else { return 1 };
    let config = crate::config::load(&crate::config::Sources::standard(&home, None, vec![])).config;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let durability = if args.first().is_some_and(|a| a == "node") {
        crate::store::sqlite::Durability::System
    } else {
        crate::store::sqlite::Durability::Disk
    };
    let ctx = match crate::ops::Context::open(home, config, durability) {
        Ok(ctx) => ctx,
        Err(error) => {
            eprintln!("{error}");
            return 1;
        }
    };
    let answer = match args.first().map(String::as_str) {
        Some("node") => crate::ops::serve::node(&ctx),
        Some("run") => {
            let request = crate::ops::run::Request {
                words: args[1..].to_vec(),
                directory: std::env::current_dir().unwrap_or_default(),
                ..Default::default()
            };
            crate::ops::run::plan(&ctx, &request)
                .and_then(|plan| crate::ops::run::execute(&ctx, plan))
                .map(|s| println!("{s:?}"))
        }
        _ => Ok(()),
    };
    if let Err(error) = answer {
        eprintln!("{error}");
        return 1;
    }
    0
}
