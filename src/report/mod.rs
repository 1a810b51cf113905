//! Tables of runs and jobs: columns, grouping, formatting, export. Pure.
