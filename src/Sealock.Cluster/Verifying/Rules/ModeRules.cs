// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Who may read and write the files.</summary>
internal static class ModeRules
{
    private const UnixFileMode OthersRead = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode GroupRead = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode AnyWrite = UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    public static Rule<SurveyedFile> SecretReadable { get; } = new("secret-readable", Severity.Error,
        "Whoever has the key or token is the component, for as long as the certificate lives.",
        (_, file) => !file.IsSecret || file.Body is NoBody ? []
            : (file.Mode & OthersRead) != 0 ? [new($"every user of the machine may read it (mode {Octal(file.Mode)})", Remedies.Mode(file, "0600"))]
            : (file.Mode & GroupRead) != 0 ? [new($"its group may read it (mode {Octal(file.Mode)})", Remedies.Mode(file, "0600")) { Severity = Severity.Warning }]
            : []);

    public static Rule<SurveyedFile> Writable { get; } = new("certificate-writable", Severity.Error,
        "Whoever may write it decides who is trusted, or stops the component.",
        (_, file) => !file.IsSecret && file.Body is not NoBody && file.Role.Kind != RoleKind.Unknown && (file.Mode & AnyWrite) != 0
            ? [new($"others than its owner may write it (mode {Octal(file.Mode)})", Remedies.Mode(file, "0644"))
                {
                    Severity = file.Mode.HasFlag(UnixFileMode.OtherWrite) ? Severity.Error : Severity.Warning,
                }]
            : []);

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode & 0x1ff, 8).PadLeft(3, '0');
}
