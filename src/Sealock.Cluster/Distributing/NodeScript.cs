// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sealock.Cluster.Staging;

namespace Sealock.Cluster.Distributing;

/// <summary>Writes the scripts that a node runs: the functions of <c>node.sh</c>, and then calls of them.</summary>
internal sealed partial class NodeScript
{
    /// <summary>Where a node keeps staged files, the journal and the former set, below its root.</summary>
    public const string StateFolder = "var/lib/sealock/distribute";

    /// <summary>What a complete script's answers end with.</summary>
    public const string End = "end";

    private const int Base64Line = 4096;

    private static readonly string Functions = Read();

    private readonly StringBuilder _text = new(Functions);

    /// <param name="root">The folder on the node below which all paths stand.</param>
    /// <param name="makeState">Whether the state folder is made where it is missing.</param>
    /// <param name="patience">How long to wait for another run there to end.</param>
    public NodeScript(string root, bool makeState, TimeSpan patience) =>
        Call("open", Quote(root), StateFolder, makeState ? "make" : "look", Number((int)patience.TotalSeconds));

    /// <summary>A script that recovers from interrupted runs (unless only looking), and tells what is there.</summary>
    public static string Look(
        string root, bool recover, TimeSpan patience, IReadOnlyList<string> owners, IReadOnlyList<string> files, IEnumerable<string> folders)
    {
        var script = new NodeScript(root, makeState: recover, patience);
        script.Call("look_at_state", recover ? "recover" : "look");
        for (var i = 0; i < owners.Count; i++)
            script.Call("look_at_owner", [Number(i), .. owners[i].Split(':').Select(Quote)]);
        for (var i = 0; i < files.Count; i++)
            script.Call("look_at_file", Number(i), Quote(files[i]));
        var number = 0;
        foreach (var folder in folders)
            script.Call("look_at_folder", Number(number++), Quote(folder));
        script.Call("look_at_former");
        return script.Close();
    }

    /// <summary>A script that makes a change: whole or not at all, since its last call names how many entries must have arrived.</summary>
    public static string Change(string root, TimeSpan patience, NodeChange change)
    {
        var script = new NodeScript(root, makeState: true, patience);
        script.Call("begin", change.Id);
        foreach (var entry in change.Entries)
            script.Call("line", Quote(entry.ToString()));
        foreach (var entry in change.Entries)
        {
            var after = entry.After;
            if (change.Reused.TryGetValue(entry.Path, out var reused))
                script.Call("reuse", [entry.Number, entry.Depth, .. after.Fields, reused.Id, reused.Number, Quote(entry.Path)]);
            else if (change.Contents.TryGetValue(entry.Path, out var content))
                script.Call("put", [entry.Number, entry.Depth, .. after.Fields.Skip(1), Quote(entry.Path), Encode(content.Span)]);
        }

        script.Call("go", "complete", Number(change.Entries.Count));
        return script.Close();
    }

    /// <summary>What keeps a path or owner from being sent; null where nothing does.</summary>
    public static string? Mistake(NodeFile file)
    {
        if (StagingPath.Mistake(file.Path) is { } mistake)
            return mistake;
        if (file.Path.Contains('\\', StringComparison.Ordinal) || file.Path.Split('/').Any(name => name.Trim() != name || name.StartsWith('-')))
            return $"\"{file.Path}\" has a name with a backslash, or one that starts with a dash or a space: rename it";
        return Owner().IsMatch(file.Owner) ? null : $"\"{file.Owner}\" names no owner: write user:group, such as kube:kube";
    }

    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static string Encode(ReadOnlySpan<byte> content)
    {
        var text = Convert.ToBase64String(content);
        var quoted = new StringBuilder(text.Length + (text.Length / Base64Line) + 2).Append('\'');
        for (var at = 0; at < text.Length; at += Base64Line)
            quoted.Append(text, at, Math.Min(Base64Line, text.Length - at)).Append('\n');
        return quoted.Append('\'').ToString();
    }

    private static string Read()
    {
        using var stream = typeof(NodeScript).Assembly.GetManifestResourceStream("node.sh")
            ?? throw new InvalidOperationException("node.sh is not part of this build");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private void Call(string function, params IEnumerable<string> arguments) =>
        _text.Append(function).Append(' ').AppendJoin(' ', arguments).Append('\n');

    private string Close() => _text.Append("say ").Append(End).Append('\n').ToString();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?\z")]
    private static partial Regex Owner();
}
