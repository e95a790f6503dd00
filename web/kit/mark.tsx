/** The product's mark. */
export function Mark({ size }: { size: number }): React.ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#11707b" />
      <path
        d="M7.5 8.5 12 23l4-10 4 10 4.5-14.5"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
