// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Api.Schemas;

/// <summary>
/// Kubernetes' published definitions, embedded as one file with one definition a line, so that finding them takes a
/// scan for line ends and no parsing.
/// </summary>
internal static class KubernetesSchemas
{
    private const string Resource = "Sealock.Api.OpenApi.Data.kubernetes.json";

    public static Dictionary<string, Lazy<ReadOnlyMemory<byte>>> Load()
    {
        using var stream = typeof(KubernetesSchemas).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the embedded resource {Resource} is missing");
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        var definitions = new Dictionary<string, Lazy<ReadOnlyMemory<byte>>>(512, StringComparer.Ordinal);
        for (var start = 0; start < data.Length;)
        {
            var length = data.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0)
                break;
            var line = data.AsMemory(start, length);
            start += length + 1;
            // The first line holds the version, the last one closes the object.
            if (line.Span is not [(byte)'"', ..])
                continue;
            var end = line.Span.IndexOf("\":"u8);
            definitions.Add(Encoding.UTF8.GetString(line.Span[1..end]), new(line[(end + 2)..].TrimEnd((byte)',')));
        }

        return definitions;
    }
}
