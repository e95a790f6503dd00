/**
 * The functions that a hunt may use: what only computes on the values of a row, and in bounded memory. Left out on
 * purpose: whatever reads files, settings, the catalogue or the process; whatever runs text as SQL; sequences, logging,
 * sleeping; and what makes a large value out of a small one (`repeat`, `lpad`, `printf`, `range` as a list).
 */
export const SCALAR_FUNCTIONS: ReadonlySet<string> = new Set(
  `
  !__postfix !~~ !~~* % & && * ** + - ->> / // <-> << <@ >> @> ^ ^@ | || ~ ~~ ~~* ~~~
  abs acos add age ago apply array_aggr array_append array_concat array_contains array_distinct array_extract
  array_filter array_has array_has_all array_has_any array_indexof array_intersect array_length array_position
  array_reverse array_reverse_sort array_slice array_sort array_to_json array_to_string array_transform array_unique
  array_value ascii asin atan atan2 base64 bin bit_count bit_length cardinality cbrt ceil ceiling century char_length
  character_length chr coalesce concat concat_ws contains cos cot damerau_levenshtein date_add date_diff date_part
  date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month
  decade decode degrees divide editdist3 element_at encode ends_with epoch epoch_ms epoch_ns epoch_us era even exp
  fdiv filter flatten floor fmod format_bytes formatReadableDecimalSize formatReadableSize formatreadabledecimalsize
  formatreadablesize from_base64 from_hex from_json gcd greatest hamming hash hex hour ifnull ilike_escape instr
  isfinite isinf isnan isodow isoyear jaccard jaro_similarity jaro_winkler_similarity json json_array
  json_array_length json_contains json_exists json_extract json_extract_path json_extract_path_text
  json_extract_string json_keys json_object json_quote json_structure json_type json_valid json_value julian
  last_day lcase least left left_grapheme len length length_grapheme levenshtein like_escape list_append list_apply
  list_any_value list_avg list_concat list_contains list_count list_distinct list_element list_extract list_filter
  list_first list_has list_has_all list_has_any list_indexof list_intersect list_last list_max list_median list_min
  list_mode list_pack list_position list_prepend list_reverse list_reverse_sort list_select list_slice list_sort
  list_sum list_transform list_unique list_value list_where list_zip ln log log10 log2 lower ltrim make_date make_time
  make_timestamp make_timestamp_ms map map_contains map_entries map_extract map_extract_value map_from_entries
  map_keys map_values md5 microsecond millennium millisecond minute mod month monthname multiply nanosecond
  nfc_normalize not_ilike_escape not_like_escape now nullif octet_length ord parse_dirname parse_dirpath
  parse_filename pi pow power prefix quarter radians regexp_escape regexp_extract regexp_extract_all
  regexp_full_match regexp_matches regexp_replace regexp_split_to_array replace reverse right right_grapheme round
  round_even row row_to_json rtrim second sha1 sha256 sign sin split split_part sqrt starts_with str_split
  str_split_regex strftime string_split string_split_regex string_to_array strip_accents strlen strpos strptime
  struct_extract struct_extract_at struct_keys struct_pack substr substring substring_grapheme subtract suffix tan
  time_bucket timezone timezone_hour timezone_minute to_base64 to_centuries to_days to_decades to_hex to_hours to_json
  to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks
  to_years today translate trim trunc try_strptime typeof ucase unhex unicode unnest upper url_decode url_encode week
  weekday weekofyear xor year yearweek get_current_timestamp current_date current_localtimestamp
  `
    .trim()
    .split(/\s+/),
);

export const AGGREGATE_FUNCTIONS: ReadonlySet<string> = new Set(
  `
  any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min arg_min_null
  argmax argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop
  covar_samp cume_dist dense_rank entropy favg fill first first_value fsum geomean geometric_mean group_concat
  grouping grouping_id histogram json_group_array json_group_object kahan_sum kurtosis lag last last_value lead list
  listagg mad max max_by mean median min min_by mode nth_value ntile percent_rank product quantile quantile_cont
  quantile_disc rank rank_dense regr_count regr_intercept regr_r2 regr_slope reservoir_quantile row_number sem
  skewness stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp variance wavg weighted_avg
  `
    .trim()
    .split(/\s+/),
);

/** As tables: they stream, so that a large one costs time alone. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'unnest',
  'range',
  'generate_series',
  'json_each',
  'json_tree',
]);
