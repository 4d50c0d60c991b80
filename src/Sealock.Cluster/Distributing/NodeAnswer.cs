// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Distributing;

/// <summary>What a node has told of itself, read from its answers. Pure.</summary>
internal sealed class NodeAnswer
{
    private readonly Dictionary<string, FileOwner?> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EntryState> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (EntryState State, string Device)> _folders = new(StringComparer.Ordinal);

    private NodeAnswer()
    {
    }

    /// <summary>The number of the user who runs the scripts there.</summary>
    public uint User { get; private set; }

    /// <summary>What it did about an interrupted run.</summary>
    public StagingRecovery Recovery { get; private set; }

    /// <summary>Whether an interrupted run waits to be completed or undone (only when just looking).</summary>
    public bool IsPending { get; private set; }

    /// <summary>What it has kept of its last change.</summary>
    public NodeFormer? Former { get; private set; }

    /// <exception cref="FormatException">The answers are not those to the questions.</exception>
    public static NodeAnswer Read(
        IReadOnlyList<string> answers, IReadOnlyList<string> owners, IReadOnlyList<string> files, IReadOnlyList<string> folders)
    {
        var answer = new NodeAnswer();
        string? formerId = null;
        var former = new List<NodeEntry>();
        foreach (var line in answers)
        {
            var fields = line.Split(' ', 2);
            var rest = fields.Length == 2 ? fields[1] : "";
            switch (fields[0])
            {
                case "user":
                    answer.User = Parse(rest);
                    break;
                case "recovered":
                    answer.Recovery = rest == "completed" ? StagingRecovery.Completed : StagingRecovery.Undone;
                    break;
                case "pending":
                    answer.IsPending = true;
                    break;
                case "owner" when rest.Split(' ') is [var number, var user, var group]:
                    answer._owners[owners[Index(number, owners)]] =
                        user == "-" || group == "-" ? null : new FileOwner(Parse(user), Parse(group));
                    break;
                case "file" when rest.Split(' ') is [var number, var kind, var mode, var user, var group, var hash]:
                    answer._files[files[Index(number, files)]] = new NodeState(kind, mode, user, group, hash).ToEntry();
                    break;
                case "folder" when rest.Split(' ') is [var number, var kind, var mode, var user, var group, var device]:
                    answer._folders[folders[Index(number, folders)]] =
                        (new NodeState(kind, mode, user, group, "-").ToEntry(), device);
                    break;
                case "former" when rest.StartsWith("sealock-journal 1 ", StringComparison.Ordinal):
                    formerId = rest["sealock-journal 1 ".Length..];
                    break;
                case "former":
                    former.Add(NodeEntry.Parse(rest));
                    break;
                case NodeScript.End:
                    break;
                default:
                    throw new FormatException($"an answer that is none: {line}");
            }
        }

        if (answer._owners.Count != owners.Count || answer._files.Count != files.Count || answer._folders.Count != folders.Count)
            throw new FormatException("not all questions were answered");
        answer.Former = formerId is null ? null : new NodeFormer(formerId, former);
        return answer;
    }

    /// <summary>The numbers of an owner.</summary>
    /// <exception cref="DistributionException">The node does not know the user or group.</exception>
    public FileOwner Owner(string text) => _owners[text] ?? throw new DistributionException(
        $"the node has no user and group \"{text}\": create them there, or name another owner (cluster.yaml: owner, or --owner)");

    public EntryState File(string path) => _files[path];

    public EntryState Folder(string path) => _folders[path].State;

    /// <summary>Where the new file for a path waits: see <c>node.sh</c>.</summary>
    public string Depth(string path)
    {
        var (existing, device) = Innermost(StagingPath.Folder(path));
        return Innermost(NodeScript.StateFolder).Device == device
            ? "."
            : NodeScript.Number(existing.Length == 0 ? 0 : existing.Count(character => character == '/') + 1);
    }

    private (string Path, string Device) Innermost(string folder)
    {
        while (_folders[folder].State.Kind is null && folder.Length > 0)
            folder = StagingPath.Folder(folder);
        return (folder, _folders[folder].Device);
    }

    private static int Index(string number, IReadOnlyList<string> list) =>
        Parse(number) is var index && index < list.Count ? (int)index : throw new FormatException("an answer that was not asked for");

    private static uint Parse(string number) => uint.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
}
