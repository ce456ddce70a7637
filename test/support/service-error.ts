import { ServiceError as Refusal } from '../../local/cloud/service';

/** An error as a client of the SDK throws it. */
export class ServiceError extends Refusal {
  readonly $metadata = {};

  constructor(name: string, status = 400) {
    super(name, `It is ${name}.`, status);
  }
}
