import { Icon, type IconName } from './Icon'
import rows from './Rows.module.css'

interface Props {
  icon: IconName
  text: string
  danger?: boolean
  onClick(): void
}

/** One thing that may be done, in a list of such. */
export function Entry({ icon, text, danger, onClick }: Props) {
  return (
    <li>
      <button type="button" className={`${rows.link} ${danger ? rows.danger : ''}`} onClick={onClick}>
        <Icon name={icon} /> {text}
      </button>
    </li>
  )
}
