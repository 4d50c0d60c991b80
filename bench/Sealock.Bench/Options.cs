// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Hostile.Attacks;
using Sealock.Bench.Scenarios;

namespace Sealock.Bench;

/// <summary>The command line.</summary>
/// <param name="Pace">How thoroughly is measured.</param>
/// <param name="Scenarios">What is measured.</param>
/// <param name="Attacks">Under which attacks users are looked at; that is measured only where it is named.</param>
/// <param name="Format">How results are printed.</param>
/// <param name="Program">The program that is measured.</param>
/// <param name="Bare">Kestrel with nothing around it, to compare with; empty: there is none.</param>
/// <param name="Scripts">The folder of the scripts that start peers.</param>
/// <param name="Only">The names of the servers that are measured; empty: all.</param>
internal sealed record Options(
    Pace Pace, IReadOnlyList<Scenario> Scenarios, IReadOnlyList<Attack> Attacks, string Format, string Program, string Bare, string Scripts,
    IReadOnlyList<string> Only)
{
    private const string AllAttacks = "hostile";

    public static string Usage { get; } = $"""
        usage: run.sh [quick|full] [NAME…] [--only SERVER[,SERVER…]] [-o table|json|markdown]
          names: {string.Join(' ', AllScenarios.All.Select(scenario => scenario.Name))}
          {AllAttacks}, only where it is named: users under attack, beside nginx; or one of: {string.Join(' ', Arsenal.All().Select(attack => attack.Name))}
          servers: sealock, kubernetes, and what else stands in the heads of tables: only they are measured
          SEALOCK_KUBERNETES  folder with kube-apiserver, kube-controller-manager and kubeadm; without it only Sealock is measured
          TMPDIR              where the servers keep their data: on a real disk, or fsync costs nothing
        """;

    /// <exception cref="ArgumentException">The arguments are not understood.</exception>
    public static Options Parse(string[] arguments)
    {
        var (pace, format, program, bare, scripts) = (Pace.Quick, "table", "", "", "");
        var only = Array.Empty<string>();
        var chosen = new List<Scenario>();
        var attacks = new List<Attack>();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "quick":
                    pace = Pace.Quick;
                    break;
                case "full":
                    pace = Pace.Full;
                    break;
                case "-o" when i + 1 < arguments.Length && arguments[i + 1] is "table" or "json" or "markdown":
                    format = arguments[++i];
                    break;
                case "--program" when i + 1 < arguments.Length:
                    program = arguments[++i];
                    break;
                case "--only" when i + 1 < arguments.Length:
                    only = arguments[++i].Split(',');
                    break;
                case "--bare" when i + 1 < arguments.Length:
                    bare = arguments[++i];
                    break;
                case "--scripts" when i + 1 < arguments.Length:
                    scripts = arguments[++i];
                    break;
                case var name when Arsenal.All().Where(attack => name == AllAttacks || attack.Name == name).ToArray() is { Length: > 0 } meant:
                    attacks.AddRange(meant);
                    break;
                case var name:
                    var named = AllScenarios.All.Where(scenario => scenario.Name == name || scenario.Family == name).ToArray();
                    chosen.AddRange(named.Length > 0 ? named : throw new ArgumentException($"\"{name}\" is not understood"));
                    break;
            }
        }

        return program.Length == 0 || scripts.Length == 0
            ? throw new ArgumentException("--program and --scripts are missing; bench/run.sh gives them")
            : new Options(pace, chosen.Count + attacks.Count > 0 ? chosen : AllScenarios.All, attacks, format, program, bare, scripts, only);
    }
}
