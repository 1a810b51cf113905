//! `xt set tags`, `xt clear tags`: on runs and on jobs.

use crate::model::names::words;
use crate::model::{Scalar, Values};
use crate::ops::{Context, OpsError, Result, select};
use crate::store::{RunChange, RunPatch};

/// Reads `priority`, `best=yes`, `note='a b'`; the name `description` sets the description instead.
pub fn parse(lists: &[String]) -> Result<Values> {
    let mut tags = Values::new();
    for word in lists.iter().flat_map(|list| split(list)) {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Scalar::from_word(value.trim_matches(['\'', '"']))),
            None => (word.as_str(), Scalar::Null),
        };
        if name.is_empty() {
            return Err(OpsError::Refused(format!("`{word}` is no tag: write name or name=value")));
        }
        tags.insert(name.to_owned(), value);
    }
    Ok(tags)
}

/// Tags as [`parse`] reads them.
pub fn line(tags: &Values) -> String {
    let word = |(name, value): (&String, &Scalar)| match value {
        Scalar::Null => name.clone(),
        Scalar::Text(text) if text.is_empty() || text.contains([' ', ',', '\'', '"']) => {
            let quote = if text.contains('\'') { '"' } else { '\'' };
            format!("{name}={quote}{text}{quote}")
        }
        value => format!("{name}={value}"),
    };
    tags.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// Splits at commas outside quotes.
fn split(list: &str) -> Vec<String> {
    let (mut parts, mut quote) = (vec![String::new()], None);
    for c in list.chars() {
        if c == ',' && quote.is_none() {
            parts.push(String::new());
            continue;
        }
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Sets and removes tags of runs and jobs; answers how many things were changed.
pub fn execute(
    ctx: &Context,
    names: &[String],
    ws: Option<&str>,
    set: &Values,
    clear: &[String],
) -> Result<usize> {
    let (jobs, runs): (Vec<_>, Vec<_>) =
        words(names.iter().map(String::as_str)).map(str::to_owned).partition(|name| select::is_job(name));
    let runs = select::runs(ctx, &runs, ws)?;
    let jobs = select::jobs(ctx, &jobs)?;
    let description = set.get("description").map(ToString::to_string);
    let cleared = clear.iter().any(|tag| tag == "description").then_some(None);
    let mut tags = set.clone();
    tags.shift_remove("description");
    let change = |path| RunChange {
        run: path,
        expect: Vec::new(),
        expect_attempt: None,
        patch: RunPatch {
            tags: tags.clone(),
            clear_tags: clear.to_vec(),
            description: description.clone().map(Some).or(cleared.clone()),
            ..RunPatch::default()
        },
        events: Vec::new(),
    };
    ctx.records.change_runs(&runs.iter().map(|run| change(run.path())).collect::<Vec<_>>())?;
    for job in &jobs {
        ctx.records.change_job(job.job_id, &mut |job| {
            job.tags.extend(tags.clone());
            for tag in clear {
                job.tags.shift_remove(tag);
            }
            if let Some(text) = description.clone().map(Some).or(cleared.clone()) {
                job.description = text;
            }
            true
        })?;
    }
    Ok(runs.len() + jobs.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves B15: `=` and `,` inside quotes.
    #[test]
    fn tags_are_read_as_written() {
        let tags = parse(&["best, lr=0.1".into(), "note='a = b, c'".into()]).unwrap();
        let shown: Vec<_> = tags.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        assert_eq!(shown, ["best:", "lr:0.1", "note:a = b, c"]);
        assert!(parse(&["=x".into()]).is_err());
        let written = line(&tags);
        assert_eq!(written, "best, lr=0.1, note='a = b, c'");
        assert_eq!(parse(&[written]).unwrap(), tags);
    }
}
