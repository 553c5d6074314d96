import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { Link } from 'wouter'
import styles from './Button.module.css'
import { Icon, type IconName } from './Icon'

type Kind = 'primary' | 'quiet' | 'soft' | 'danger' | 'dangerText'

interface Look {
  kind?: Kind
  size?: 'small'
  wide?: boolean
  icon?: IconName
  children: ReactNode
}

type Props = Look & ButtonHTMLAttributes<HTMLButtonElement>

export function Button({ kind = 'primary', size, wide, icon, children, type = 'button', ...rest }: Props) {
  return (
    <button
      type={type}
      className={styles.button}
      data-kind={kind}
      data-size={size}
      data-wide={wide || undefined}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

export function LinkButton(props: Look & { href: string; onClick?(): void }) {
  const { kind = 'primary', size, wide, icon, children, href, onClick } = props
  return (
    <Link
      href={href}
      onClick={onClick}
      className={styles.button}
      data-kind={kind}
      data-size={size}
      data-wide={wide || undefined}
    >
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  )
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName
  label: string
}

export function IconButton({ icon, label, type = 'button', ...rest }: IconProps) {
  return (
    <button type={type} className={styles.icon} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  )
}

export function IconLink({ icon, label, href }: { icon: IconName; label: string; href: string }) {
  return (
    <Link href={href} className={styles.icon} aria-label={label}>
      <Icon name={icon} />
    </Link>
  )
}
