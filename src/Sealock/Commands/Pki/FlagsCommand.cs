// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Settings;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki flags</c>: how a cluster's components are started with the files that were made for them.</summary>
internal static class FlagsCommand
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var source = new ConfigurationOptions();
        var component = new Option<string>("--component", "-c")
        {
            Description = $"one of {string.Join(", ", Component.All)} (default: all that run on the node)",
            HelpName = "NAME",
        };
        component.AcceptOnlyFromAmong([.. Component.All.Select(one => one.Name)]);
        var node = new Option<string>("--node") { Description = "the node (default: the first of the control plane)", HelpName = "NAME" };
        var root = new Option<string>("--root")
        {
            Description = "put DIR before every path, for a node whose file system is seen from elsewhere",
            HelpName = "DIR",
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "text (one flag a line), json, yaml, manifest (a static pod) or env (a variable for a unit of systemd)",
            DefaultValueFactory = _ => "text",
        };
        output.AcceptOnlyFromAmong("text", "json", "yaml", "manifest", "env");
        var command = new ExampleCommand(
            "flags",
            "Print the flags that components of the cluster are to be started with",
            "sealock pki flags --dir cluster --component kube-apiserver",
            "kube-apiserver $(sealock pki flags --dir cluster --component kube-apiserver --node master1)",
            "sealock pki flags --config cluster.yaml --component etcd --node master2 -o manifest")
        {
            component, node, root, output,
        };
        source.AddTo(command);
        command.SetAction(result =>
        {
            var configuration = source.Read(result);
            var settings = new ComponentSettings(
                configuration, NodeOf(configuration, result.GetValue(node)), result.GetValue(root) is { } folder ? Path.GetFullPath(folder) : "");
            var components = ComponentsOf(settings, result.GetValue(component));
            Write(result.InvocationConfiguration.Output, result.GetRequiredValue(output), settings, components);
            return 0;
        });
        return command;
    }

    private static ClusterNode NodeOf(ClusterConfiguration configuration, string? name) => name is null
        ? configuration.ControlPlane.First()
        : configuration.Nodes.FirstOrDefault(node => node.Name == name)
            ?? throw new CommandException($"--node: there is no node {name}; there are: {Names(configuration.Nodes.Select(node => node.Name))}", 2);

    private static string Names(IEnumerable<string> names)
    {
        var some = names.Take(21).ToList();
        return string.Join(", ", some.Take(20)) + (some.Count > 20 ? ", …" : "");
    }

    private static List<Component> ComponentsOf(ComponentSettings settings, string? name)
    {
        var running = settings.Components.ToList();
        if (name is null)
            return running;
        return running.Where(component => component.Name == name).ToList() is { Count: > 0 } found
            ? found
            : throw new CommandException($"--component: {name} does not run on this node; there are: {string.Join(", ", running)}", 2);
    }

    private static void Write(TextWriter output, string format, ComponentSettings settings, List<Component> components)
    {
        switch (format)
        {
            case "manifest":
                var pods = components.Where(component => component.IsControlPlane).ToList();
                if (pods.Count == 0)
                    throw new CommandException("-o manifest: kubelet and kube-proxy are no static pods; take -o env or text", 2);
                output.Write(string.Join("---\n", pods.Select(settings.ManifestOf)));
                break;
            case "env":
                output.Write(string.Concat(components.Select(settings.EnvironmentOf)));
                break;
            case "text":
                foreach (var component in components)
                {
                    if (components.Count > 1)
                        output.WriteLine($"# {component}");
                    foreach (var flag in settings.FlagsOf(component))
                        output.WriteLine(flag.ToString());
                }

                break;
            default:
                JsonNode document = components.Count == 1
                    ? List(settings, components[0])
                    : new JsonObject(components.Select(component => KeyValuePair.Create<string, JsonNode?>(component.Name, List(settings, component))));
                output.WriteLine(format == "yaml" ? YamlWriter.WriteInOrder(document).TrimEnd() : document.ToJsonString(Indented));
                break;
        }
    }

    private static JsonArray List(ComponentSettings settings, Component component) =>
        new([.. settings.FlagsOf(component).Select(flag => JsonValue.Create(flag.ToString()))]);
}
