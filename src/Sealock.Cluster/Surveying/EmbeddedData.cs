// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sealock.Api.Kubeconfigs;

namespace Sealock.Cluster.Surveying;

/// <summary>
/// The long base64 texts of a kubeconfig, taken out before it is parsed as YAML and put back after: nine tenths of the file,
/// which a YAML parser reads character by character. What is not plainly written on one line stays where it is.
/// </summary>
internal sealed partial class EmbeddedData
{
    private const string Marker = "sealock:embedded:";

    private readonly List<ImmutableArray<byte>> _taken = [];

    private EmbeddedData()
    {
    }

    /// <summary>The text with short texts in place of long ones, and these.</summary>
    public static (string Text, EmbeddedData Data) TakeOut(string text)
    {
        var data = new EmbeddedData();
        var shortened = Field().Replace(text, match =>
        {
            var encoded = match.Groups["data"].ValueSpan;
            var bytes = new byte[encoded.Length / 4 * 3];
            if (!Convert.TryFromBase64Chars(encoded, bytes, out var length))
                return match.Value;
            data._taken.Add([.. bytes.AsSpan(0, length)]);
            var marker = Encoding.ASCII.GetBytes(Marker + (data._taken.Count - 1).ToString(CultureInfo.InvariantCulture));
            return match.Groups["name"].Value + Convert.ToBase64String(marker);
        });
        return (shortened, data);
    }

    /// <summary>What a context stands for, with the long texts where they were.</summary>
    public KubeconfigTarget PutBack(KubeconfigTarget target) => _taken.Count == 0 ? target : target with
    {
        Cluster = target.Cluster with { CertificateAuthorityData = Original(target.Cluster.CertificateAuthorityData) },
        User = target.User is { } user ? user with
        {
            ClientCertificateData = Original(user.ClientCertificateData),
            ClientKeyData = Original(user.ClientKeyData),
        } : null,
    };

    private ImmutableArray<byte> Original(ImmutableArray<byte> data)
    {
        if (data.IsDefaultOrEmpty || data.Length > Marker.Length + 6)
            return data;
        var text = Encoding.ASCII.GetString(data.AsSpan());
        return text.StartsWith(Marker, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(Marker.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < _taken.Count
                ? _taken[index]
                : data;
    }

    [GeneratedRegex("^(?<name> *(?:- )?(?:certificate-authority-data|client-certificate-data|client-key-data): )(?<data>[A-Za-z0-9+/]{200,}={0,2})(?=\r?$)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Field();
}
