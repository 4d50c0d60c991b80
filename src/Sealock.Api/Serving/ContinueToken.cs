// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving;

/// <summary>
/// Where a list goes on: the revision of its first page (-1: whichever is current) and the key after which the next
/// page begins, relative to the collection. The form is Kubernetes': unpadded base64url of JSON.
/// </summary>
internal readonly record struct ContinueToken(long Revision, string After)
{
    private const string Version = "meta.k8s.io/v1";
    private const int MaxLength = 4096;

    /// <summary>Reads a token.</summary>
    /// <exception cref="ApiException">400: it is none.</exception>
    public static ContinueToken Parse(string text)
    {
        try
        {
            if (text.Length > MaxLength)
                throw Invalid("it is too long");
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(text));
            var root = document.RootElement;
            if (root.GetProperty("v").GetString() != Version)
                throw Invalid("continue key is not valid: server does not recognize this encoded version");
            var revision = root.GetProperty("rv").GetInt64();
            var start = root.GetProperty("start").GetString() ?? "";
            if (revision is 0 or < -1)
                throw Invalid("continue key is not valid: incorrect encoded start resourceVersion (version "
                    + "meta.k8s.io/v1)");
            if (start.Length == 0 || start.Contains("..", StringComparison.Ordinal) || start[0] == '/')
                throw Invalid("continue key is not valid");
            return new ContinueToken(revision, start.TrimEnd('\0'));
        }
        catch (Exception fault) when (fault is FormatException or JsonException or KeyNotFoundException
            or InvalidOperationException)
        {
            throw Invalid("continue key is not valid");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"v":"{{Version}}","rv":{{Revision}},"start":"{{JsonEncodedText.Encode(After)}}\u0000"}""")));

    private static ApiException Invalid(string why) => ApiException.BadRequest($"invalid continue token: {why}");
}
