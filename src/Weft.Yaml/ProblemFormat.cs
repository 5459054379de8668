namespace Weft.Yaml;

/// <summary>For whom problems are written.</summary>
public enum ProblemFormat
{
    /// <summary>People: place, code, message, the line and a caret.</summary>
    Text,

    /// <summary>Programs: one JSON array.</summary>
    Json,

    /// <summary>Code scanning: SARIF 2.1.0.</summary>
    Sarif,

    /// <summary>GitHub Actions: one workflow command a line.</summary>
    GitHub,
}
