// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Sealock.Cluster.Surveying;

/// <summary>
/// Finds components' flags: in static pod manifests, systemd units, files of variables (<c>KUBE_API_ARGS="…"</c>,
/// <c>ETCD_…</c>), scripts and texts that hold a command line, and fields of configuration files under the flags' names.
/// </summary>
internal static class ComponentSearch
{
    private static readonly FrozenSet<string> Components = new[]
    {
        "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "etcd",
    }.ToFrozenSet();

    private static readonly FrozenDictionary<string, string> ByFileName = new Dictionary<string, string>
    {
        ["apiserver"] = "kube-apiserver",
        ["controller-manager"] = "kube-controller-manager",
        ["scheduler"] = "kube-scheduler",
        ["proxy"] = "kube-proxy",
        ["kubelet"] = "kubelet",
        ["kubeadm-flags"] = "kubelet",
        ["etcd"] = "etcd",
    }.ToFrozenDictionary();

    public static IReadOnlyList<FoundComponent> Run(Survey survey) =>
    [
        .. survey.Files.SelectMany(Found).GroupBy(found => (found.File.Node, found.Component))
            .Select(group => Join(group.Key.Node, group.Key.Component, [.. group])),
    ];

    private static FoundComponent Join(string node, string component, IReadOnlyList<Source> sources)
    {
        // A kubelet's configuration file comes first: its flags win over it.
        List<ComponentFlag> flags = [.. sources.OrderBy(source => !source.IsConfiguration).SelectMany(source => source.Flags)];
        var named = flags.Any(flag => flag.Name is "config" or "config-file");
        var whole = sources.Any(source => source.IsWhole) && (!named || sources.Any(source => source.IsConfiguration));
        return new(node, component, flags, [.. sources.Select(source => source.File).Distinct()], whole);
    }

    private static IEnumerable<Source> Found(SurveyedFile file) => file.Body switch
    {
        DocumentsBody documents => documents.Documents.SelectMany(document => OfDocument(file, document)),
        TextBody text when text.Text.Length > 0 && !IsOpenSslConfiguration(file) => OfText(file, text.Text),
        _ => [],
    };

    internal static bool IsOpenSslConfiguration(SurveyedFile file) => Path.GetExtension(file.Path) == ".cnf"
        || (file.Body is TextBody { Text: var text } && text.Contains("req_extensions", StringComparison.Ordinal) && text.Contains('[', StringComparison.Ordinal));

    private static IEnumerable<Source> OfDocument(SurveyedFile file, JsonObject document)
    {
        switch (ConfigurationFields.Text(document["kind"]))
        {
            case "Pod":
                foreach (var container in ((document["spec"] as JsonObject)?["containers"] as JsonArray ?? []).OfType<JsonObject>())
                {
                    IReadOnlyList<string> words = [.. Texts(container["command"]), .. Texts(container["args"])];
                    var name = words.Select(Path.GetFileName).FirstOrDefault(word => word is not null && Components.Contains(word))
                        ?? ConfigurationFields.Text(container["name"]);
                    if (name is not null && Components.Contains(name))
                        yield return new(file, name, Flags(file, words), IsWhole: true, IsConfiguration: false);
                }

                break;
            case "KubeletConfiguration":
                yield return new(file, "kubelet", ConfigurationFields.OfKubelet(file, document), IsWhole: true, IsConfiguration: true);
                break;
            case null when document.ContainsKey("listen-client-urls") || document.ContainsKey("client-transport-security"):
                yield return new(file, "etcd", ConfigurationFields.OfEtcd(file, document), IsWhole: true, IsConfiguration: true);
                break;
            default:
                break;
        }
    }

    private static IEnumerable<Source> OfText(SurveyedFile file, string text)
    {
        var name = Path.GetFileName(file.Path);
        var byName = ByFileName.GetValueOrDefault(Path.GetFileNameWithoutExtension(name).Replace("kube-", "", StringComparison.Ordinal));
        if (name.EndsWith(".service", StringComparison.Ordinal) || text.Contains("\nExecStart=", StringComparison.Ordinal))
            return OfUnit(file, text);
        List<Source> sources = [.. Variables(file, CommandWords.Assignments(text), byName)];
        foreach (var line in CommandWords.LogicalLines(text))
        {
            var words = CommandWords.Split(line);
            if (CommandOf(words) is { } command)
                sources.Add(new(file, command.Component, Flags(file, command.Arguments), IsWhole: true, IsConfiguration: false));
        }

        if (sources.Count == 0 && byName is not null && text.Contains("--", StringComparison.Ordinal))
            sources.Add(new(file, byName, Flags(file, CommandWords.LogicalLines(text).SelectMany(CommandWords.Split)), IsWhole: true, IsConfiguration: false));
        return sources;
    }

    private static IEnumerable<Source> OfUnit(SurveyedFile file, string text)
    {
        foreach (var line in CommandWords.LogicalLines(text))
        {
            if (line.StartsWith("ExecStart=", StringComparison.Ordinal))
            {
                var words = CommandWords.Split(line["ExecStart=".Length..].TrimStart('-', '@', '+', '!', ':'));
                if (CommandOf(words) is { } command)
                {
                    // Variables are filled in from files that are read beside the unit, or not at all.
                    var whole = !words.Any(word => word.StartsWith('$'));
                    yield return new(file, command.Component, Flags(file, command.Arguments), whole, IsConfiguration: false);
                }
            }
            else if (line.StartsWith("Environment=", StringComparison.Ordinal))
            {
                foreach (var source in Variables(file, CommandWords.Split(line["Environment=".Length..]).Select(Assignment), null))
                    yield return source;
            }
        }
    }

    private static (string Name, string Value) Assignment(string word) =>
        word.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (word[..at], word[(at + 1)..]) : (word, "");

    /// <summary>Variables that carry flags are named for their component, or stand in a file that is.</summary>
    private static IEnumerable<Source> Variables(SurveyedFile file, IEnumerable<(string Name, string Value)> assignments, string? byName)
    {
        List<ComponentFlag> etcd = [];
        foreach (var (name, value) in assignments)
        {
            if (name.StartsWith("ETCD_", StringComparison.Ordinal) && !value.Contains("--", StringComparison.Ordinal))
            {
                etcd.Add(new(name["ETCD_".Length..].Replace('_', '-').ToLowerInvariant(), value, file, name));
                continue;
            }

            if (!value.Contains("--", StringComparison.Ordinal))
                continue;
            var component = name.StartsWith("KUBE_API", StringComparison.Ordinal) ? "kube-apiserver"
                : name.StartsWith("KUBE_CONTROLLER_MANAGER", StringComparison.Ordinal) ? "kube-controller-manager"
                : name.StartsWith("KUBE_SCHEDULER", StringComparison.Ordinal) ? "kube-scheduler"
                : name.StartsWith("KUBE_PROXY", StringComparison.Ordinal) ? "kube-proxy"
                : name.StartsWith("KUBELET", StringComparison.Ordinal) ? "kubelet"
                : name.StartsWith("ETCD_", StringComparison.Ordinal) ? "etcd"
                : name == "KUBE_MASTER" ? "kube-controller-manager"
                : byName;
            if (component is not null)
                yield return new(file, component, Flags(file, CommandWords.Split(value)), IsWhole: name.EndsWith("_ARGS", StringComparison.Ordinal) && !name.Contains("KUBEADM", StringComparison.Ordinal) && !name.Contains("EXTRA", StringComparison.Ordinal), IsConfiguration: false);
        }

        if (etcd.Count > 0)
            yield return new(file, "etcd", etcd, IsWhole: true, IsConfiguration: false);
    }

    /// <summary>A command of the components; <c>kube apiserver</c> is how some texts write it.</summary>
    private static (string Component, IEnumerable<string> Arguments)? CommandOf(IReadOnlyList<string> words)
    {
        if (words is ["sudo", ..])
            words = [.. words.Skip(1)];
        if (words is ["kube", var second, ..] && Components.Contains("kube-" + second))
            return ("kube-" + second, words.Skip(2));
        return words is [var first, ..] && Path.GetFileName(first) is { } name && Components.Contains(name) ? (name, words.Skip(1)) : null;
    }

    private static List<ComponentFlag> Flags(SurveyedFile file, IEnumerable<string> words)
    {
        List<ComponentFlag> flags = [];
        var open = -1;
        foreach (var word in words)
        {
            if (!word.StartsWith("--", StringComparison.Ordinal) || word.Length == 2)
            {
                if (open >= 0 && !word.StartsWith('$'))
                    flags[open] = flags[open] with { Value = word };
                open = -1;
                continue;
            }

            var equals = word.IndexOf('=', StringComparison.Ordinal);
            // Kubernetes takes underscores for dashes in flags.
            var name = (equals < 0 ? word[2..] : word[2..equals]).Replace('_', '-');
            open = equals < 0 ? flags.Count : -1;
            flags.Add(new(name, equals < 0 ? "true" : word[(equals + 1)..], file, "--" + name));
        }

        return flags;
    }

    private static IEnumerable<string> Texts(JsonNode? list) =>
        (list as JsonArray ?? []).Select(ConfigurationFields.Text).OfType<string>();

    private sealed record Source(SurveyedFile File, string Component, IReadOnlyList<ComponentFlag> Flags, bool IsWhole, bool IsConfiguration);
}
