// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;

namespace Sealock.Api.Kubeconfigs;

/// <summary>
/// A kubeconfig (v1 Config), read from YAML or JSON. Immutable. It keeps what it does not know, so that a file written
/// back has lost nothing but its comments.
/// </summary>
public sealed class Kubeconfig
{
    private Kubeconfig(JsonObject root, string directory)
    {
        Root = root;
        Directory = directory;
        Clusters = KubeconfigReader.Clusters(root, directory);
        Users = KubeconfigReader.Users(root, directory);
        Contexts = KubeconfigReader.Contexts(root);
        CurrentContext = KubeconfigReader.Text(root, "current-context", "");
    }

    /// <summary>A kubeconfig without entries.</summary>
    public static Kubeconfig Empty { get; } = new(
        new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Config", ["preferences"] = new JsonObject() }, "");

    /// <summary>The servers.</summary>
    public IReadOnlyList<KubeconfigCluster> Clusters { get; }

    /// <summary>The credentials.</summary>
    public IReadOnlyList<KubeconfigUser> Users { get; }

    /// <summary>The contexts.</summary>
    public IReadOnlyList<KubeconfigContext> Contexts { get; }

    /// <summary>The context in use; empty: none.</summary>
    public string CurrentContext { get; }

    internal JsonObject Root { get; }

    internal string Directory { get; }

    /// <summary>Reads a kubeconfig; relative paths in it are taken from <paramref name="directory"/>.</summary>
    public static bool TryParse(
        string text, string directory, [NotNullWhen(true)] out Kubeconfig? config, [NotNullWhen(false)] out string? error)
    {
        config = null;
        if (!YamlReader.TryReadAll(text, out var documents, out error))
        {
            return false;
        }

        if (documents is not ([] or [JsonObject]))
        {
            error = "a kubeconfig is one YAML document with fields";
            return false;
        }

        try
        {
            config = documents is [JsonObject root] ? new(root, directory) : Empty;
            return true;
        }
        catch (FormatException e)
        {
            error = e.Message;
            return false;
        }
    }

    /// <summary>A kubeconfig with one cluster, one user, and a context that joins them and is in use.</summary>
    public static Kubeconfig Create(KubeconfigCluster cluster, KubeconfigUser user, KubeconfigContext context) =>
        Empty.With(cluster).With(user).With(context).WithCurrentContext(context.Name);

    /// <summary>Adds or replaces a cluster.</summary>
    public Kubeconfig With(KubeconfigCluster cluster) => WithEntry("clusters", KubeconfigEntryWriter.Write(cluster));

    /// <summary>Adds or replaces a user.</summary>
    public Kubeconfig With(KubeconfigUser user) => WithEntry("users", KubeconfigEntryWriter.Write(user));

    /// <summary>Adds or replaces a context.</summary>
    public Kubeconfig With(KubeconfigContext context) => WithEntry("contexts", KubeconfigEntryWriter.Write(context));

    /// <summary>Puts a context in use.</summary>
    public Kubeconfig WithCurrentContext(string name)
    {
        var root = (JsonObject)Root.DeepClone();
        root["current-context"] = name;
        return new(root, Directory);
    }

    /// <summary>What a context (null: the one in use) stands for. Without any, a single cluster and user are taken.</summary>
    public bool TryResolve(
        string? context, [NotNullWhen(true)] out KubeconfigTarget? target, [NotNullWhen(false)] out string? error)
    {
        target = null;
        error = null;
        var name = string.IsNullOrEmpty(context) ? CurrentContext : context;
        var found = Contexts.FirstOrDefault(c => c.Name == name);
        if (name.Length > 0 && found is null)
        {
            error = $"context \"{name}\" does not exist";
            return false;
        }

        if (found is null)
        {
            if (Clusters is not [var only] || Users.Count > 1)
            {
                error = "no context is in use: set current-context, or name a context";
                return false;
            }

            target = new("", only, Users is [var first, ..] ? first : null, "default");
            return true;
        }

        var cluster = Clusters.FirstOrDefault(c => c.Name == found.Cluster);
        var user = Users.FirstOrDefault(u => u.Name == found.User);
        if (cluster is null || (user is null && found.User.Length > 0))
        {
            error = cluster is null
                ? $"context \"{name}\" names cluster \"{found.Cluster}\", which does not exist"
                : $"context \"{name}\" names user \"{found.User}\", which does not exist";
            return false;
        }

        target = new(name, cluster, user, found.Namespace.Length > 0 ? found.Namespace : "default");
        return true;
    }

    /// <summary>The file's text as kubectl writes it: keys sorted.</summary>
    public string ToYaml() => YamlWriter.Write(Root);

    internal static Kubeconfig FromRoot(JsonObject root, string directory) => new(root, directory);

    private Kubeconfig WithEntry(string list, JsonObject entry)
    {
        var root = (JsonObject)Root.DeepClone();
        var entries = root[list] as JsonArray ?? [];
        root[list] = null;
        var name = entry["name"]!.ToString();
        root[list] = new JsonArray([.. entries.Where(e => e?["name"]?.ToString() != name).Select(e => e?.DeepClone()), entry]);
        return new(root, Directory);
    }
}
