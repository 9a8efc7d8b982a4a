// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.services.bedrock.model.InferenceProfileType;

/** Writes which profile each name stands for. */
@Command(
    name = "map",
    mixinStandardHelpOptions = true,
    modelTransformer = ControlPlaneOptions.Transformer.class,
    description = {
      "Writes the names by which your code calls application inference profiles: sales -> ARN.",
      "The rule: "
          + ModelNameMap.RULE
          + ". Whatever is ambiguous or left out is said on the error"
          + " output."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ProfilesMapCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private ControlPlaneOptions options;

  @Option(
      names = "--by",
      split = ",",
      paramLabel = "TAG",
      defaultValue = "costCenter",
      description =
          "The tag whose value is the name. With several, as costCenter,environment, their values"
              + " are joined by hyphens. Default: ${DEFAULT-VALUE}.")
  private List<String> by;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "properties",
      description = {
        "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.",
        "properties and yaml are bedrock.meter.model-names of Spring; java is code with"
            + " ModelAliases, which also says the models behind the profiles, for prices."
      })
  private ModelNameFormat format;

  @Override
  public void run() {
    if (by.stream().anyMatch(String::isBlank) || by.stream().distinct().count() < by.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "--by must name tags, each once, as costCenter: '" + String.join(",", by) + "'");
    }
    ModelNameMap map;
    String region;
    Map<String, String> models;
    try (ControlPlane bedrock = options.open()) {
      region = bedrock.region();
      map = ModelNameMap.of(bedrock.taggedProfiles(), by, region);
      models = format == ModelNameFormat.java ? models(map, bedrock) : Map.of();
    }
    SortedMap<String, String> arns = new TreeMap<>();
    map.names().forEach((name, profile) -> arns.put(name, profile.arn()));
    String heading =
        "Application inference profiles in %s by %s, from 'bedrock-meter profiles map'."
            .formatted(region, String.join(" and ", by));
    format.write(spec.commandLine().getOut(), new ModelNameFormat.Contents(heading, arns, models));
    map.notes().forEach(note -> spec.commandLine().getErr().println("bedrock-meter: " + note));
  }

  /**
   * The model behind each profile's ARN: a model id for one region, else the system profile that
   * has the same models in the same regions. Bedrock does not say what a profile was copied from.
   */
  private static Map<String, String> models(ModelNameMap map, ControlPlane bedrock) {
    Map<List<String>, String> known = new HashMap<>();
    for (InferenceProfile system : bedrock.profiles(InferenceProfileType.SYSTEM_DEFINED)) {
      known.put(system.modelArns(), system.id());
    }
    Map<String, String> models = new HashMap<>();
    for (InferenceProfile profile : map.names().values()) {
      String system = known.get(profile.modelArns());
      if (profile.modelArns().size() == 1 && !profile.regions().contains("global")) {
        models.put(profile.arn(), profile.models().get(0));
      } else if (system != null) {
        models.put(profile.arn(), system);
      }
    }
    return models;
  }
}
