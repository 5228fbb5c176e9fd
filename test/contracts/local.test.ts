import { LOCAL } from './local-broker.ts';
import { ALL_RULES } from './rules.ts';
import { describeContract, describeRules } from './run-contract.ts';

describeContract(ALL_RULES, LOCAL);
describeRules(ALL_RULES, LOCAL);
