// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Distributing;

/// <summary>The state of an entry in a node's journal: text as the node compares it, <c>-</c> for nothing or anything.</summary>
internal sealed record NodeState(string Kind, string Mode, string User, string Group, string Sha256)
{
    public static NodeState Absent { get; } = new("-", "-", "-", "-", "-");

    public IEnumerable<string> Fields => [Kind, Mode, User, Group, Sha256];

    public bool IsAbsent => Kind == "-";

    public static NodeState Of(EntryState state) => state.Kind is null ? Absent : new(
        state.Kind switch
        {
            FileKind.File => "file",
            FileKind.Link => "link",
            FileKind.Folder => "folder",
            _ => "other",
        },
        Convert.ToString((int)state.Mode, 8),
        state.Owner?.User.ToString(CultureInfo.InvariantCulture) ?? "-",
        state.Owner?.Group.ToString(CultureInfo.InvariantCulture) ?? "-",
        state.Sha256 ?? state.LinkTarget ?? "-");

    /// <summary>The state as the planner compares it. What a link leads to is told by a hash, which serves as well.</summary>
    public EntryState ToEntry()
    {
        if (IsAbsent)
            return EntryState.Absent;
        var kind = Kind switch
        {
            "file" => FileKind.File,
            "link" => FileKind.Link,
            "folder" => FileKind.Folder,
            _ => FileKind.Other,
        };
        return new EntryState
        {
            Kind = kind,
            Mode = ParseMode(Mode),
            Owner = User == "-" || Group == "-" ? null : new FileOwner(Parse(User), Parse(Group)),
            Sha256 = kind == FileKind.File && Sha256.Length == 64 ? Sha256 : null,
            LinkTarget = kind == FileKind.Link ? Sha256 : null,
        };
    }

    private static UnixFileMode ParseMode(string octal) => octal == "-"
        ? UnixFileMode.None
        : octal.Length is > 0 and <= 5 && octal.All(digit => digit is >= '0' and <= '7')
            ? (UnixFileMode)Convert.ToInt32(octal, 8)
            : throw new FormatException($"\"{octal}\" is no mode");

    private static uint Parse(string number) => uint.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
}

/// <summary>One line of a node's journal; <c>node.sh</c> tells its fields.</summary>
internal sealed record NodeEntry(
    bool IsFolder, string Number, string Depth, bool Kept, NodeState Before, NodeState After, string Path)
{
    public override string ToString() => string.Join(
        ' ', [IsFolder ? "folder" : "file", Number, Depth, Kept ? "+" : "-", .. Before.Fields, .. After.Fields, Path]);

    /// <exception cref="FormatException">It is no such line.</exception>
    public static NodeEntry Parse(string line)
    {
        var fields = line.Split(' ', 15);
        if (fields.Length != 15 || fields[0] is not ("file" or "folder") || StagingPath.Mistake(fields[14]) is not null)
            throw new FormatException("no line of a journal");
        return new NodeEntry(
            fields[0] == "folder", fields[1], fields[2], fields[3] == "+",
            new NodeState(fields[4], fields[5], fields[6], fields[7], fields[8]),
            new NodeState(fields[9], fields[10], fields[11], fields[12], fields[13]), fields[14]);
    }
}

/// <summary>What a node has kept of its last change.</summary>
internal sealed record NodeFormer(string Id, IReadOnlyList<NodeEntry> Entries);

/// <summary>A change as it is sent to a node.</summary>
/// <param name="Id">Its name on the node.</param>
/// <param name="Entries">Its journal.</param>
/// <param name="Contents">New contents, by path.</param>
/// <param name="Reused">Contents that the node has kept itself, by path: which change has kept them, and as what.</param>
internal sealed record NodeChange(
    string Id,
    IReadOnlyList<NodeEntry> Entries,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Contents,
    IReadOnlyDictionary<string, (string Id, string Number)> Reused);
