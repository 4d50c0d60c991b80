// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Schemas;

namespace Sealock.Api.Protobuf;

/// <summary>
/// The numbers of a message's fields. An embedded message, whose fields JSON shows as the outer object's own, has a
/// table below its number; so has a list that the wire wraps into a message.
/// </summary>
internal sealed class WireTable
{
    private readonly Dictionary<int, WireEntry> _entries = [];

    /// <summary>The table of an object; null where no field has a number, so that the kind has no such form.</summary>
    /// <param name="fields">Fields with their paths of numbers.</param>
    /// <exception cref="ArgumentException">Two fields share a path.</exception>
    public static WireTable? Build(IEnumerable<(SchemaField Field, int[] Path)> fields)
    {
        WireTable? root = null;
        foreach (var (field, path) in fields)
        {
            var table = root ??= new WireTable();
            foreach (var number in path.AsSpan(0, path.Length - 1))
                table = table.Below(number);
            table._entries.Add(path[^1], new WireEntry(field, null));
        }

        return root;
    }

    /// <summary>What a number stands for; null where it is unknown.</summary>
    public WireEntry? Find(int number) => _entries.GetValueOrDefault(number);

    private WireTable Below(int number)
    {
        if (!_entries.TryGetValue(number, out var entry))
            _entries.Add(number, entry = new WireEntry(null, new WireTable()));
        return entry.Embedded ?? throw new ArgumentException($"number {number} is a field and a message at once");
    }
}

/// <summary>A field, or the table of a message whose fields belong to the object around it.</summary>
internal sealed record WireEntry(SchemaField? Field, WireTable? Embedded);
