import { App, Tags, Validations } from 'aws-cdk-lib';
import { DroneFleetCell, KinesisVideoChecks } from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { cellProps } from './fleet/cell-props';
import { readConfiguration } from './fleet/configuration';
import { planFleet } from './plan';

/** The reference drone fleet: a stage for each cell, all of the same template. */
export function droneFleet(app: App): DroneFleetCell[] {
  const fleet = readConfiguration(app);
  Validations.of(app).addPlugins(new KinesisVideoChecks());
  const cells = fleet.cells.map((cell) => {
    const stage = new DroneFleetCell(app, `${fleet.name}-${cell.name}`, cellProps(fleet, cell));
    // On each stage, because tags of the app don't reach what is in stages.
    Tags.of(stage).add('fleet', fleet.name);
    acknowledgeFindings(stage);
    return stage;
  });
  planFleet(app, fleet, cells);
  return cells;
}

// The CLI runs this file and finds the assembly where it told the app to put it.
if (require.main === module) {
  const app = new App();
  droneFleet(app);
  app.synth();
}
