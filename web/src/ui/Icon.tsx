const PATHS = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  more: 'M12 5h.01M12 12h.01M12 19h.01',
  moon: 'M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.500v2M4.500 4.500l1.500 1.500M18 18l1.500 1.500M2.500 12h2M19.500 12h2M4.500 19.500L6 18M18 6l1.500-1.500',
  bell: 'M6 16V11a6 6 0 1 1 12 0v5l1.500 2h-15zM10 21h4',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-4 4-6 8-6s8 2 8 6',
  people:
    'M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM2.500 20c0-3.500 3-5.500 6.500-5.500s6.500 2 6.500 5.500M16 5.300a3.500 3.500 0 0 1 0 6.400M18 15c2.200.700 3.500 2.500 3.500 5',
  basket: 'M4 9h16l-1.500 10.500h-13zM8.500 9L11 4M15.500 9L13 4',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2',
  cancel: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9l6 6M15 9l-6 6',
  edit: 'M4 20l1-4L16.500 4.500l3 3L8 19z',
  undo: 'M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3',
  offline:
    'M3 3l18 18M8.500 15.500a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.300M19 12a10 10 0 0 0-3-2M2 8.500A15 15 0 0 1 6.500 6M22 8.500A15 15 0 0 0 11 5M12 19.500h.01',
  wait: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.500V12l3 2',
  warning: 'M12 4L2.500 20h19zM12 10v4.500M12 17.300h.01',
  arrow: 'M9 5l7 7-7 7',
  message: 'M4 5h16v11H9l-5 4z',
  send: 'M4 12L20 4l-5 16-4-7zM11 13l9-9',
  upload: 'M12 15V4M7.500 8.500L12 4l4.500 4.500M4.500 20h15',
  camera: 'M3.500 8h4L9 5h6l1.500 3h4v11.500h-17zM12 10a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z',
  shield: 'M12 3l8 3v6c0 5-3.500 7.500-8 9-4.500-1.500-8-4-8-9V6z',
  list: 'M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01',
  download: 'M12 4v11M7.500 11l4.500 4.500 4.500-4.500M4.500 20h15',
  swap: 'M7 4L3.500 7.500 7 11M3.500 7.500h14M17 13l3.500 3.500L17 20M20.500 16.500h-14',
  share: 'M12 15V4M8 7.500L12 3.500l4 4M6 12v8h12v-8',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  star: 'M12 4l2.500 5.200 5.500.800-4 4 1 5.600-5-2.700-5 2.700 1-5.600-4-4 5.500-.800z',
  receipt: 'M6 3.500h12v17l-3-2-3 2-3-2-3 2zM9 8.500h6M9 12.500h6',
  scales: 'M12 4v16M7 20h10M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z',
  store: 'M4 10v10h16V10M3 10l2-6h14l2 6zM10 20v-6h4v6',
  sliders:
    'M4 7h8M18 7h2M15 4.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM4 17h2M12 17h8M9 14.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
  lock: 'M6 11h12v9.500H6zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11M12 15v2',
} as const

export type IconName = keyof typeof PATHS

/** Always beside words or inside something that has a label, so it says nothing by itself. */
export function Icon({ name, size = 22 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 3 : 2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
