// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Pki.Pem;

/// <summary>Writes PEM with 64-column lines and a newline at the end, as openssl and Go do.</summary>
public static class PemText
{
    /// <summary>One block.</summary>
    public static string Write(string label, ReadOnlySpan<byte> content) =>
        PemEncoding.WriteString(label, content) + "\n";

    /// <summary>Several blocks of one label, in order.</summary>
    public static string Write(string label, IEnumerable<ReadOnlyMemory<byte>> contents)
    {
        var text = new StringBuilder();
        foreach (var content in contents)
            text.Append(PemEncoding.WriteString(label, content.Span)).Append('\n');
        return text.ToString();
    }
}
