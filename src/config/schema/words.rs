//! Types for keys that take one of a few words; the words are written once, here.

/// An enum, its words in the same order, and the way back from a word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// The words as written in a file.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The meaning of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The word, as written in a file.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// Where a new run is watched.
    Monitor {
        /// In a console of its own.
        New = "new",
        /// In the console it was started from.
        Same = "same",
        /// Nowhere.
        None = "none",
    }
}

words! {
    /// How a stored snapshot of code is packed.
    CodeZip {
        /// As single files.
        None = "none",
        /// A zip without compression.
        Fast = "fast",
        /// A zip with compression.
        Compress = "compress",
    }
}

words! {
    /// Where files are mirrored to while a run goes on.
    MirrorDest {
        /// Nowhere.
        None = "none",
        /// The store.
        Storage = "storage",
    }
}

words! {
    /// How the points of a search are chosen.
    SearchType {
        /// There is no search.
        None = "none",
        /// Independently at random.
        Random = "random",
        /// Every combination.
        Grid = "grid",
        /// By a model of what is known so far.
        Bayesian = "bayesian",
        /// Distributed grid descent: neighbours of the best so far.
        Dgd = "dgd",
    }
}

words! {
    /// What the runs of a search are gathered under.
    AggregateDest {
        /// Their job.
        Job = "job",
        /// Their experiment.
        Experiment = "experiment",
        /// Nothing.
        None = "none",
    }
}

words! {
    /// Which rule ends unpromising runs.
    EarlyPolicy {
        /// None: all run to their end.
        None = "none",
        /// Too far behind the best run.
        Bandit = "bandit",
        /// Behind the median of the runs.
        Median = "median",
        /// Among the worst share of the runs.
        Truncation = "truncation",
    }
}

words! {
    /// Operating system of a box.
    Os {
        /// Linux.
        Linux = "linux",
        /// macOS.
        MacOs = "macos",
        /// Windows.
        Windows = "windows",
    }
}

words! {
    /// How much xt says.
    Console {
        /// Results only.
        None = "none",
        /// What a user wants to know.
        Normal = "normal",
        /// Timings and the course of events.
        Diagnostics = "diagnostics",
        /// Everything.
        Detail = "detail",
    }
}
