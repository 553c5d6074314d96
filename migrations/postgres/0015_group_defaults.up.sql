-- What a group's runs begin with: extra costs as a JSON array of {label, amount, split}.
alter table groups add column default_costs text not null default '[]';
