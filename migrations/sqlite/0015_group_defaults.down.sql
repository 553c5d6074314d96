alter table groups drop column default_costs;
