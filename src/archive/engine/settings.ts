/** What every DuckDB instance of ours is opened with. */
export const COMMON_SETTINGS: Readonly<Record<string, string>> = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  // What was read of files would stay in memory up to the limit; the system keeps it, too, and can let it go.
  enable_external_file_cache: 'false',
  // Its allocator keeps what it is given back, by default up to half a gigabyte: under an even load a third of the process
  // was memory that nobody used.
  allocator_flush_threshold: '16MB',
  allocator_bulk_deallocation_flush_threshold: '32MB',
  allocator_background_threads: 'true',
};
